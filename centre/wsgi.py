"""The web server's entry."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "centre.settings")
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from django.core.wsgi import get_wsgi_application  # noqa: E402

from centre.whole_body import watched  # noqa: E402

application = watched(get_wsgi_application())
