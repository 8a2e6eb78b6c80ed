// Asks for the file by itself, so that nobody has to press twice; the page stays, and leads back.
document.getElementById("download").submit();
document.querySelector("main a.button").focus();
