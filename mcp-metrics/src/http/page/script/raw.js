
// The metrics as Prometheus reads them.

function prepareRaw() {
  const [show, copy, text, state] = ["raw-show", "raw-copy", "raw-text", "raw-state"].map(byId);
  byId("raw-link").href = address("metrics");

  const load = async () => {
    try {
      setText(text, await ask("metrics"));
      return true;
    } catch (error) {
      setText(state, `The metrics cannot be had: ${error.message}`);
      return false;
    }
  };
  const reveal = (shown) => {
    text.hidden = !shown;
    setAttribute(show, "aria-expanded", String(shown));
    setText(show, shown ? "Hide" : "Show");
  };

  show.addEventListener("click", async () => {
    setText(state, "");
    if (!text.hidden) {
      reveal(false);
    } else if (await load()) {
      setText(state, `As of ${clock()}`);
      reveal(true);
    }
  });
  copy.addEventListener("click", async () => {
    setText(state, "");
    if (!(await load())) return;
    if (await copyText(text.textContent)) {
      setText(state, `Copied, as of ${clock()}`);
      return;
    }
    // Neither way is open to us; to the reader it is.
    reveal(true);
    getSelection().selectAllChildren(text);
    text.focus();
    setText(state, "The browser doesn’t let the page copy. The text is selected: copy it by hand");
  });
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyTheOldWay(text);
  }
}

/** The clipboard is only for pages from this machine or over TLS, which endpoints often are not. */
function copyTheOldWay(text) {
  const area = element("textarea", { class: "unseen", readonly: "" });
  const focused = document.activeElement;
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  focused?.focus();
  return copied;
}
