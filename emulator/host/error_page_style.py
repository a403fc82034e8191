"""The look of the error page: one style sheet and the three lines of script it can do without."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { --bg: #f7f6f4; --card: #fff; --ink: #1d1b19; --soft: #6b655e; --faint: #a09a92;
  --edge: #e4e0da; --accent: #d9480f; --hit: #fff1e6; --mark: #ffc9a3; --code: #fdfcfb; }
@media (prefers-color-scheme: dark) { :root { --bg: #161514; --card: #1f1d1c; --ink: #ece8e3;
  --soft: #a39c94; --faint: #6e6861; --edge: #34302d; --accent: #ff8a4c; --hit: #3a2418;
  --mark: #8a4517; --code: #1a1817; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); line-height: 1.5;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
header { margin-bottom: 1.75rem; }
.bar { display: flex; align-items: center; justify-content: space-between; min-height: 2rem; }
.label { color: var(--accent); font-weight: 600; font-size: .8rem; letter-spacing: .06em;
  text-transform: uppercase; }
h1 { font-size: 2rem; line-height: 1.2; margin: .5rem 0 .25rem; letter-spacing: -.02em;
  overflow-wrap: anywhere; }
h1.plain { font-size: 1.35rem; letter-spacing: -.01em; }
h2 { font-size: 1.1rem; margin: .25rem 0 .75rem; overflow-wrap: anywhere; }
.what { font-size: 1.15rem; margin: 0 0 .5rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.note { margin: .25rem 0; padding-left: .75rem; border-left: 3px solid var(--accent);
  color: var(--soft); white-space: pre-wrap; }
.context { color: var(--soft); margin: .75rem 0 0; overflow-wrap: anywhere; }
.context code { font-weight: 600; color: var(--ink); }
.dot { display: inline-block; width: .55rem; height: .55rem; border-radius: 50%;
  background: var(--accent); margin-right: .4rem; }
.link { color: var(--soft); margin: 2rem 0 0; font-size: .9rem; }
code, pre, .file, summary b { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas,
  "DejaVu Sans Mono", monospace; font-size: 13px; }
details { background: var(--card); border: 1px solid var(--edge); border-radius: 10px;
  margin: 0 0 .6rem; overflow: hidden; }
summary { cursor: pointer; padding: .6rem .9rem; display: flex; gap: 1rem; list-style: none;
  justify-content: space-between; align-items: baseline; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--code); }
summary b { font-weight: 500; color: var(--soft); white-space: nowrap; }
.file { overflow-wrap: anywhere; font-weight: 600; }
.dir { color: var(--faint); font-weight: 400; }
.line { color: var(--accent); }
.library { background: transparent; }
.library .file { font-weight: 400; color: var(--soft); }
.library .line { color: inherit; }
pre { margin: 0; overflow-x: auto; }
.code { background: var(--code); border-top: 1px solid var(--edge); padding: .6rem 0; tab-size: 4;
  line-height: 1.65; }
.code span { display: block; width: max-content; min-width: 100%; padding-right: 1rem; }
.code i { display: inline-block; width: 4rem; padding-right: 1.1rem; text-align: right;
  font-style: normal; color: var(--faint); user-select: none; }
.code .hit { background: var(--hit); box-shadow: inset 3px 0 var(--accent); }
.code .hit i { color: var(--accent); font-weight: 600; }
mark { background: var(--mark); color: inherit; border-radius: 3px; padding: .1em 0; }
.message, .raw pre { padding: .9rem; background: var(--code); }
.message { border: 1px solid var(--edge); border-radius: 10px; margin-bottom: .6rem; }
.raw { margin-top: 1.5rem; }
.raw summary { color: var(--soft); font-size: .9rem; }
.raw pre { border-top: 1px solid var(--edge); }
button { font: inherit; font-size: .85rem; color: var(--ink); background: var(--card);
  border: 1px solid var(--edge); border-radius: 8px; padding: .3rem .8rem; cursor: pointer; }
button:hover { border-color: var(--accent); }
footer { color: var(--faint); font-size: .8rem; margin-top: 2rem; }
"""

COPY_SCRIPT: Final = """
const button = document.getElementById("copy");
button.hidden = false;
button.onclick = async () => {
  const text = document.getElementById("text").textContent;
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else { const area = document.createElement("textarea"); area.value = text;
    document.body.append(area); area.select(); document.execCommand("copy"); area.remove(); }
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy as text"; }, 1500);
};
"""
