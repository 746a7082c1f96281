
// The metrics in the text format.

function prepareRaw() {
  const [show, copy, text, state] = ["raw-show", "raw-copy", "raw-text", "raw-state"].map(byId);

  const load = async () => {
    try {
      setText(text, await ask("metrics"));
      return true;
    } catch (error) {
      setText(state, `Failed to load the metrics: ${error.message}`);
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
    // Scripts cannot copy here, but the user can.
    reveal(true);
    getSelection().selectAllChildren(text);
    text.focus();
    setText(state, "The browser blocked copying. The text is selected: copy it by hand");
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

/** Copies without the clipboard API, which requires a secure context: localhost or TLS. */
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
