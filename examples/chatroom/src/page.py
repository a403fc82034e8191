"""The page to chat in."""

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Chatroom</title>
<style>
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 15%, transparent); }
  * { box-sizing: border-box; }
  body { margin: 0 auto; max-width: 44rem; height: 100dvh; padding: 1.5rem; display: flex;
         flex-direction: column; gap: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
  h1 { margin: 0; font-size: 1.25rem; }
  header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
  #present, .note { opacity: .65; font-size: .875rem; }
  #messages { flex: 1; overflow-y: auto; margin: 0; padding: 1rem; list-style: none;
              border: 1px solid var(--line); border-radius: .75rem; }
  #messages li { margin-bottom: .4rem; overflow-wrap: anywhere; }
  #messages b { margin-right: .5rem; }
  form { display: flex; gap: .5rem; }
  input, button { font: inherit; padding: .5rem .75rem; border-radius: .5rem;
                  border: 1px solid var(--line); background: transparent; color: inherit; }
  input { flex: 1; min-width: 0; }
  button { background: #f6821f; border-color: #f6821f; color: #1b0f02; font-weight: 600; }
  [hidden] { display: none !important; }
</style>
<header><h1>Chatroom</h1><span id="present">not connected</span></header>
<form id="enter">
  <input name="name" placeholder="Your name" maxlength="32" required autofocus>
  <input name="room" placeholder="Room" value="lobby" maxlength="64" required>
  <button>Enter</button>
</form>
<ul id="messages" aria-live="polite" hidden></ul>
<form id="say" hidden>
  <input name="text" placeholder="Say something" maxlength="1000" autocomplete="off" required>
  <button>Send</button>
</form>
<script>
  const [enter, say, messages, present] =
    ["enter", "say", "messages", "present"].map((id) => document.getElementById(id));
  let socket;

  function show(text, name) {
    const line = document.createElement("li");
    if (name === undefined) line.className = "note";
    else line.append(Object.assign(document.createElement("b"), { textContent: name }));
    line.append(text);
    messages.append(line);
    messages.scrollTop = messages.scrollHeight;
  }

  function receive(event) {
    const message = JSON.parse(event.data);
    if (message.text !== undefined) return show(message.text, message.name);
    if (message.joined !== undefined) show(`${message.joined} is here`);
    if (message.left !== undefined) show(`${message.left} has left`);
    present.textContent = message.present.join(", ");
  }

  enter.addEventListener("submit", (event) => {
    event.preventDefault();
    const { name, room } = Object.fromEntries(new FormData(enter));
    const url = new URL(`/room/${encodeURIComponent(room)}/websocket`, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = `name=${encodeURIComponent(name)}`;
    socket = new WebSocket(url);
    socket.addEventListener("message", receive);
    socket.addEventListener("open", () => {
      document.querySelector("h1").textContent = room;
      enter.hidden = true;
      messages.hidden = say.hidden = false;
      say.elements.text.focus();
    });
    socket.addEventListener("close", ({ code, reason }) => {
      present.textContent = "not connected";
      show(`Disconnected${reason ? `: ${reason}` : ""} (${code})`);
      say.hidden = true;
      enter.hidden = false;
    });
  });

  say.addEventListener("submit", (event) => {
    event.preventDefault();
    socket.send(say.elements.text.value);
    say.reset();
  });
</script>
</html>
"""
