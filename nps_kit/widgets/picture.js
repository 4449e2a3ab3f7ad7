// Draws a chart from its specification, anew whenever that changes. The bundle that draws comes once
// for all pictures of a kernel, in a model of its own; nothing is fetched from elsewhere.
const engines = (globalThis.npsKitEngines ??= new Map());
const LEGIBLE = 0.75; // of its own size; a picture made smaller can be enlarged

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
    loaded.catch(() => engines.delete(id)); // the next picture may try again
    engines.set(id, loaded);
  }
  return engines.get(id);
}

// The interpreter takes the one number of `datetime(1788220800000)` for a year; a scale of time takes
// the number itself.
function plainTimes(spec) {
  const time = /\bdatetime\((-?\d+)\)/g;
  return JSON.parse(JSON.stringify(spec), (name, value) =>
    name === "signal" && typeof value === "string" ? value.replace(time, "$1") : value);
}

function make(name, className, text = "") {
  const part = document.createElement(name);
  part.className = className;
  part.textContent = text;
  return part;
}

// A drawing of a desk's width on a phone: it fills the screen, turned where that is upright.
function makeEnlarging(figure) {
  const button = make("button", "nps-enlarge", "Enlarge the picture");
  button.type = "button";
  button.hidden = true;
  const large = make("dialog", "nps-enlarged");
  const close = make("button", "nps-close", "Close");
  close.type = "button";

  button.addEventListener("click", () => {
    const drawn = figure.querySelector("svg").cloneNode(true);
    const { width, height } = drawn.viewBox.baseVal;
    large.style.setProperty("--nps-ratio", width / height);
    large.setAttribute("aria-label", figure.getAttribute("aria-label"));
    large.replaceChildren(drawn, close);
    large.showModal();
  });
  large.addEventListener("click", () => large.close());

  function measure() {
    const drawn = figure.querySelector("svg");
    const own = drawn?.viewBox.baseVal.width;
    const shown = drawn?.getBoundingClientRect().width;
    button.hidden = !shown || shown > LEGIBLE * own;
    if (!shown) large.close();
  }
  return { parts: [button, large], measure };
}

async function render({ model, el }) {
  const figure = make("div", "nps-picture");
  figure.setAttribute("role", "img");
  const fault = make("p", "nps-fault");
  fault.setAttribute("role", "alert");
  fault.hidden = true;
  const enlarging = makeEnlarging(figure);
  el.append(figure, fault, ...enlarging.parts);
  const watching = new ResizeObserver(enlarging.measure);
  watching.observe(figure);
  let view = null;
  let asked = 0;

  function put(made, fresh) {
    view?.finalize();
    view = made;
    figure.replaceChildren(fresh);
    figure.dataset.drawn = model.get("version");
    enlarging.measure();
  }

  async function draw() {
    const turn = (asked += 1);
    const spec = model.get("spec");
    figure.setAttribute("aria-label", model.get("label"));
    fault.hidden = true;
    figure.hidden = Object.keys(spec).length === 0;
    if (figure.hidden) {
      enlarging.measure();
      return;
    }
    const fresh = document.createElement("div");
    try {
      const embed = await start(model);
      if (turn !== asked) return;
      // Formulas are interpreted, so that a page may forbid making functions of text.
      const settings = { actions: false, renderer: "svg", ast: true, patch: plainTimes };
      const made = await embed(fresh, structuredClone(spec), settings);
      if (turn !== asked) {
        made.finalize();
        return;
      }
      put(made, fresh);
    } catch (error) {
      if (turn !== asked) return;
      // What was drawn before would answer another choice.
      figure.hidden = true;
      enlarging.measure();
      fault.textContent = `This picture could not be drawn here; what it shows: ${model.get("label")}`;
      fault.hidden = false;
      console.error(error);
    }
  }

  model.on("change:version", draw);
  await draw();
  return () => {
    asked += 1;
    watching.disconnect();
    model.off("change:version", draw);
    view?.finalize();
  };
}

export default { render };
