from server.accounts.commands import user as accounts
from server.commands.options import takes_database

user = takes_database(accounts)
