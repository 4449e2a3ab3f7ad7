// Prints a page of its own from a frame that holds nothing else; nothing is fetched or sent.
function render({ model, el }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "nps-print jupyter-button widget-button mod-primary";
  button.textContent = model.get("label");
  let frame = null;

  function print() {
    frame?.remove();
    frame = document.createElement("iframe");
    frame.className = "nps-sheet";
    frame.title = model.get("label");
    frame.setAttribute("aria-hidden", "true");
    // No scripts run in it, whatever a training says.
    frame.setAttribute("sandbox", "allow-same-origin allow-modals");
    frame.style.cssText = "position:absolute;width:0;height:0;border:0;visibility:hidden";
    frame.srcdoc = model.get("page");
    frame.onload = () => {
      frame.dataset.printed = "1";
      frame.contentWindow.focus();
      frame.contentWindow.print();
    };
    el.append(frame);
  }

  function show() {
    button.style.display = model.get("page") === "" ? "none" : "";
  }

  button.addEventListener("click", print);
  model.on("change:page", show);
  show();
  el.append(button);
  return () => frame?.remove();
}

export default { render };
