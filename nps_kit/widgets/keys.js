// In JupyterLab a key pressed in a control is also a command of the notebook: arrows change the cell, two
// D delete it. What has the focus within a board keeps its keys; JupyterLab looks for the mark there alone.
function render({ el }) {
  el.style.display = "none";
  const mark = (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  function keep() {
    if (el.isConnected) {
      el.closest(".nps-board")?.addEventListener("focusin", mark);
    } else {
      setTimeout(keep, 20);
    }
  }
  keep();
}

export default { render };
