"""Hardware and its formats: readings from chips, codes and printers, with no knowledge of patients or visits."""
