"""One set of settings, read from the environment; each subject has a file of its own.

Two ways to run. *Embedded* (nothing set): SQLite, a local vault, sample sign-ins, for one machine.
*Production*: DATABASE_URL, REDIS_URL, SECRET_KEY and ALLOWED_HOSTS are set; anything missing stops the
start with a hint. `.env.example` lists every name.
"""

from centre.settings.api import *
from centre.settings.headers import *
from centre.settings.logs import *
from centre.settings.operations import *
from centre.settings.parts import *
from centre.settings.people import *
from centre.settings.place import *  # the order does not matter: each file imports what it needs
from centre.settings.storage import *
from centre.settings.work import *
