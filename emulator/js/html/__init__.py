"""`HTMLRewriter`, over lol-html, the engine that Cloudflare uses.

Theory of operation: `engine` feeds HTML to lol-html and stops at every token that has a handler.
It hands out a copy of the token, on which the guest's handler works, waiting as long as it likes;
what the handler did is then done to the token itself. `rewriter` runs handlers and moves bytes.

Source: workerd src/workerd/api/html-rewriter.c++; lol-html.
"""

from emulator.js.html.rewriter import HTMLRewriter

__all__ = ["HTMLRewriter"]
