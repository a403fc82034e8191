"""URLs, views and the template of the guestbook."""

from django import forms
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.template import engines
from django.urls import path
from pyodide.ffi import run_sync
from workers import env

PAGE = """<!doctype html>
<title>{{ site }}</title>
<h1>{{ site }}</h1>
<form method="post">{{ form.as_p }}<button>Sign</button></form>
<ul>{% for entry in entries %}
  <li><b>{{ entry.name }}</b>: {{ entry.text }}</li>{% empty %}
  <li>Nobody has been here yet.</li>{% endfor %}
</ul>
"""


class SignForm(forms.Form):
    name = forms.CharField(max_length=40)
    text = forms.CharField(max_length=200)


def book():
    return env.GUESTBOOK.getByName("main")


def guestbook(request):
    form = SignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        # Views are synchronous, Durable Objects are not: `run_sync` waits, and lets others run.
        run_sync(book().sign(form.cleaned_data["name"], form.cleaned_data["text"]))
        return HttpResponseRedirect("/")
    page = engines["django"].from_string(PAGE)
    context = {"site": env.SITE_NAME, "form": form, "entries": run_sync(book().entries())}
    return HttpResponse(page.render(context), status=400 if form.errors else 200)


def entries(request):
    return JsonResponse({"entries": run_sync(book().entries())})


urlpatterns = [path("", guestbook), path("entries.json", entries)]
