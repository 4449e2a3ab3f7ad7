(function () {
  "use strict";

  // How much smaller the words of a figure laid out in pixels may get on a narrow screen, and the
  // least that stays of its plot.
  const SMALLEST = 0.8;
  const LEAST_PLOT = 96;

  // Pixels that a number beneath an axis needs, and those that stay free between two labels.
  const LABEL_ROOM = 40;
  const LABEL_GAP = 8;
  const LEAST_GAP = 4;

  // On paper a figure gets a third of a page; one taller than this many pixels would become
  // unreadable there and keeps its size.
  const TALL = 500;

  // Nothing is fetched: the data of a figure stands in its specification. A link opens only on
  // the web, a picture only if it is held in its own address.
  const closedLoader = {
    load: () => Promise.reject(new Error("a figure asked for data from elsewhere")),
    sanitize: (address, options) => {
      const allowed = options && options.context === "image" ? /^data:image\// : /^https?:\/\//i;
      return allowed.test(address)
        ? Promise.resolve({ href: address, target: "_blank", rel: "noopener noreferrer" })
        : Promise.reject(new Error("a figure names an address that is not allowed"));
    },
  };

  // Vega's interpreter, which needs no eval, makes an invalid date of datetime(milliseconds).
  // The number alone means the same wherever Vega-Lite writes it.
  function plainDates(vega) {
    const written = new Set(["signal", "expr", "test", "update"]);
    return JSON.parse(JSON.stringify(vega), (key, value) =>
      written.has(key) && typeof value === "string"
        ? value.replace(/\bdatetime\((-?\d+)\)/g, "($1)")
        : value,
    );
  }

  function embed(stage, spec) {
    return vegaEmbed(stage, spec, {
      actions: false,
      ast: true,
      defaultStyle: false,
      loader: closedLoader,
      patch: plainDates,
      renderer: "svg",
    });
  }

  function isWords(value) {
    return typeof value === "string" || (Array.isArray(value) && value.every((line) => typeof line === "string"));
  }

  function asText(value) {
    const text = isWords(value) ? [value].flat().join(" ") : "";
    return text.replace(/(\d) %/g, "$1\u00a0%");
  }

  function addLine(parent, name, text) {
    if (!text) return;
    const line = document.createElement("p");
    line.className = "nps-figure-" + name;
    line.textContent = text;
    parent.append(line);
  }

  // Title and footnote become text of the page: they wrap on a phone and can be selected.
  function takeWords(spec, above, below) {
    const title = spec.title;
    const text = asText(title && title.text !== undefined ? title.text : title);
    if (text) {
      addLine(above, "title", text);
      addLine(above, "subtitle", asText(title.subtitle));
      delete spec.title;
    }
    if (Array.isArray(spec.layer)) {
      const notes = spec.layer.filter((layer) => isNote(layer, spec.height));
      addLine(below, "note", notes.map((layer) => asText(layer.mark.text)).join(" "));
      spec.layer = spec.layer.filter((layer) => !notes.includes(layer));
    }
  }

  // Fixed words that begin at the left edge, beneath the plot.
  function isNote(layer, height) {
    const { mark, encoding } = layer;
    if (!mark || mark.type !== "text" || !isWords(mark.text) || !encoding || !encoding.x || !encoding.y) return false;
    return encoding.x.value === 0 && encoding.y.value > height && mark.baseline === "top";
  }

  // Every encoding of the view and of its layers.
  function encodings(spec) {
    return [spec.encoding || {}, ...(spec.layer || []).flatMap(encodings)];
  }

  function isPixels(range) {
    return Array.isArray(range) && range.length === 2 && range.every((end) => typeof end === "number");
  }

  // Every second number of an axis, or every third, so that no two run together; zero stays.
  function thinned(values, range) {
    if (!Array.isArray(values) || !values.every((value) => typeof value === "number")) return values;
    const apart = Math.abs(range[1] - range[0]) / (values.length - 1);
    const step = Math.max(Math.ceil(LABEL_ROOM / apart), 1);
    const zero = Math.max(values.indexOf(0), 0);
    return values.filter((_, place) => (place - zero) % step === 0);
  }

  // The same figure for a narrow screen, since words that are only scaled down cannot be read: the
  // plot gives way and what stands left and right of it moves along. Views side by side go under
  // one another. Anything else is scaled down.
  function narrowed(spec, drawn, room) {
    if (Array.isArray(spec.hconcat)) {
      const { hconcat, ...rest } = spec;
      return { ...rest, vconcat: hconcat };
    }
    const copy = JSON.parse(JSON.stringify(spec));
    const all = encodings(copy);
    const split = all.some((encoding) => encoding.facet || encoding.row || encoding.column);
    if (typeof copy.width !== "number" || !("mark" in copy || "layer" in copy) || split) return null;

    const places = all.flatMap(({ x, x2 }) => [x, x2]).filter(Boolean);
    const ranges = places.map((place) => place.scale && place.scale.range).filter(isPixels);
    const fixed = places.filter((place) => typeof place.value === "number");
    const start = ranges.length ? Math.min(...ranges.flat()) : 0;
    const end = ranges.length ? Math.max(...ranges.flat()) : copy.width;
    const wanted = ranges.length || fixed.length ? room / SMALLEST : room;
    const give = Math.min(drawn - wanted, end - start - LEAST_PLOT);
    if (give <= 0) return null;

    const kept = (end - start - give) / (end - start);
    const move = (x) => (x <= start ? x : x >= end ? x - give : start + (x - start) * kept);
    for (const place of fixed) place.value = move(place.value);
    for (const place of places) {
      if (place.scale && isPixels(place.scale.range)) place.scale.range = place.scale.range.map(move);
      if (place.axis) {
        Object.assign(place.axis, { labelOverlap: true, labelSeparation: LABEL_GAP });
        if (place.scale && isPixels(place.scale.range)) place.axis.values = thinned(place.axis.values, place.scale.range);
      }
    }
    copy.width -= give;
    return copy;
  }

  // Words set along an axis as marks of their own (ticks, numbers under a curve, counts on bars) know
  // nothing of one another: on a narrow screen every second is left out, or every third, so that
  // none run together. Rows that stand over the same places lose the same ones; zero stays.
  function thinMarks(stage) {
    const marks = [...stage.querySelectorAll(".mark-text.role-mark")].map(readWords);
    const alone = marks.filter((words) => words.length === 1 && words[0].centred).flat();
    const levels = alone.map(({ top }) => alone.filter((other) => Math.abs(other.top - top) < 2));
    const lines = levels.filter((words, place) => words[0] === alone[place]);
    const groups = [...marks, ...lines].map(asGroup).filter(Boolean);
    const done = new Set();
    for (const crowded of groups.filter(({ words }) => touching(words))) {
      if (done.has(crowded)) continue;
      const over = ({ places }) => places.every((place) => near(crowded.places, place) >= 0);
      const rows = groups.filter((group) => !done.has(group) && over(group));
      const zero = rows.flatMap(({ words }) => words).find(({ text }) => /^0( %)?$/.test(text));
      const first = zero ? near(crowded.places, zero.middle) : 0;
      const kept = (step) => rows.map(({ words }) =>
        words.filter(({ middle }) => (near(crowded.places, middle) - first) % step === 0),
      );
      let step = 2;
      while (step < crowded.places.length && kept(step).some(touching)) step += 1;
      const staying = new Set(kept(step).flat());
      for (const group of rows) {
        done.add(group);
        for (const word of group.words) if (!staying.has(word)) word.node.remove();
      }
    }
  }

  function near(places, place) {
    return places.findIndex((other) => Math.abs(other - place) < 2);
  }

  function readWords(group) {
    return [...group.querySelectorAll("text")].flatMap((node) => {
      const { left, right, top, bottom } = node.getBoundingClientRect();
      const text = node.textContent.replaceAll("\u00a0", " ").trim();
      const centred = node.getAttribute("text-anchor") === "middle";
      return text && right > left ? [{ node, text, centred, left, right, top, bottom, middle: (left + right) / 2 }] : [];
    });
  }

  // Words that stand over three places or more, all on one level or all of them numbers.
  function asGroup(words) {
    const places = [];
    for (const { middle } of words) if (near(places, middle) < 0) places.push(middle);
    places.sort((one, other) => one - other);
    const level = words.every(({ top }) => Math.abs(top - words[0].top) < 2);
    const figures = words.every(({ text }) => /^[+\u2212<>$\u20ac\u00a3]*[\d.,]+( %)?$/.test(text));
    return places.length > 2 && (level || figures) ? { words, places } : null;
  }

  function touching(words) {
    return words.some((one, place) =>
      words.slice(place + 1).some((other) =>
        one.left < other.right + LEAST_GAP && other.left < one.right + LEAST_GAP
          && one.top < other.bottom && other.top < one.bottom,
      ),
    );
  }

  async function draw(figure) {
    const chart = figure.querySelector(".nps-chart");
    const fallback = [...chart.childNodes];
    const stage = document.createElement("div");
    const above = document.createElement("figcaption");
    const below = document.createElement("div");
    stage.className = "nps-stage";
    chart.append(stage);
    try {
      const spec = JSON.parse(figure.querySelector("script").textContent);
      takeWords(spec, above, below);
      const view = await embed(stage, spec);
      const { width: drawn, height } = stage.querySelector("svg").viewBox.baseVal;
      stage.classList.toggle("nps-tall", height > TALL);
      const narrow = drawn > chart.clientWidth ? narrowed(spec, drawn, chart.clientWidth) : null;
      if (narrow) {
        view.finalize();
        await embed(stage, narrow);
      }
      if (drawn > chart.clientWidth) thinMarks(stage);
      figure.prepend(above);
      chart.after(below);
      // The figure's own label speaks for it.
      for (const name of [...stage.getAttributeNames()]) if (/^(role|aria-)/.test(name)) stage.removeAttribute(name);
      stage.setAttribute("aria-hidden", "true");
      fallback.forEach((node) => node.remove());
    } catch {
      stage.remove();
      if (!chart.querySelector("img")) {
        chart.replaceChildren();
        addLine(chart, "note", "This figure could not be drawn.");
      }
    }
  }

  // What is on the screen is drawn first, then what lies nearest to it. Between two figures the
  // browser may paint, scroll and answer. Who prints waits for none: drawing takes no timer.
  const waiting = new Set(document.querySelectorAll("figure.nps-figure:has(> script)"));
  const drawn = [];

  function distance(figure) {
    const { top, bottom } = figure.getBoundingClientRect();
    return Math.max(top - innerHeight, -bottom, 0);
  }

  function start(figure) {
    waiting.delete(figure);
    drawn.push(draw(figure));
    return drawn.at(-1);
  }

  async function drawAll() {
    while (waiting.size) {
      const [next] = [...waiting].sort((one, other) => distance(one) - distance(other));
      await start(next);
      await new Promise((go) => setTimeout(go));
    }
    await Promise.all(drawn);
    document.body.dataset.ready = "1";
  }

  addEventListener("beforeprint", () => [...waiting].forEach(start));
  drawAll();
})();
