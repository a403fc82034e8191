"""A Django site as a Worker: views, a template, a form, and a Durable Object in the place of a
database."""

import django
from django.conf import settings
from workers import DurableObject, wsgi

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="views",
    SECRET_KEY="only for cookies of an example",  # noqa: S106 - there are none
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)
django.setup(set_prefix=False)

from django.core.wsgi import get_wsgi_application


class Guestbook(DurableObject):
    """What guests wrote, in SQLite."""

    def __init__(self, ctx, env):
        super().__init__(ctx, env)
        ctx.storage.sql.exec(
            "CREATE TABLE IF NOT EXISTS entries"
            " (id INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL)"
        )

    async def sign(self, name, text):
        self.ctx.storage.sql.exec("INSERT INTO entries (name, text) VALUES (?, ?)", name, text)

    async def entries(self):
        rows = self.ctx.storage.sql.exec("SELECT name, text FROM entries ORDER BY id DESC LIMIT 20")
        return [{"name": row.name, "text": row.text} for row in rows.toArray()]


Default = wsgi.entrypoint(get_wsgi_application())
