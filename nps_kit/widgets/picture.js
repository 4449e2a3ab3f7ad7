// Draws a chart from its specification, anew whenever that changes. The bundle that draws comes once
// for all pictures of a kernel, in a model of its own; nothing is fetched from elsewhere.
const engines = (globalThis.npsKitEngines ??= new Map());

function start(model) {
  const id = model.get("engine").slice("IPY_MODEL_".length);
  if (!engines.has(id)) {
    const loaded = model.widget_manager.get_model(id).then(async (engine) => {
      const address = URL.createObjectURL(new Blob([engine.get("source")], { type: "text/javascript" }));
      try {
        await import(address);
      } finally {
        URL.revokeObjectURL(address);
      }
      return globalThis.vegaEmbed;
    });
    engines.set(id, loaded);
  }
  return engines.get(id);
}

async function render({ model, el }) {
  const figure = document.createElement("div");
  figure.className = "nps-picture";
  figure.setAttribute("role", "img");
  el.append(figure);
  let view = null;
  let asked = 0;

  async function draw() {
    const turn = (asked += 1);
    const embed = await start(model);
    const spec = model.get("spec");
    figure.setAttribute("aria-label", model.get("label"));
    figure.hidden = Object.keys(spec).length === 0;
    if (turn !== asked || figure.hidden) return;
    const fresh = document.createElement("div");
    const made = await embed(fresh, structuredClone(spec), { actions: false, renderer: "svg" });
    if (turn !== asked) {
      made.finalize();
      return;
    }
    view?.finalize();
    view = made;
    figure.replaceChildren(fresh);
    figure.dataset.drawn = model.get("version");
  }

  model.on("change:version", draw);
  await draw();
  return () => view?.finalize();
}

export default { render };
