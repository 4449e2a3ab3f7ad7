(function () {
  "use strict";

  // The score of a chosen part of the answers, worked out as the package works it out: the same
  // formulae with the same steps in the same order, so that the numbers are the same to the last
  // digit. What stands beside a name in this list is its name there.
  //   quantile: intervals.quantile_of (ndtri of Cephes)   adjusted: intervals.adjusted_wald
  //   nullVariance: intervals.null_variance               halve: intervals._halve
  const SMALL = 10;
  const PSEUDO = [0.75, 1.5, 0.75];
  const HALVINGS = 48;
  const BANDS = ["detractors", "passives", "promoters"];
  const COLOURS = ["#d2552b", "#c3c9ce", "#0d4f56"];
  const MINUS = "\u2212";

  // Moshier's Cephes, ndtri: relative error 3e-16 and less, on three pieces of the tail.
  const CENTRE = [
    [-5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1,
      -1.23916583867381258016],
    [1, 1.95448858338141759834, 4.67627912898881538453, 8.63602421390890590575e1, -2.25462687854119370527e2,
      2.00260212380060660359e2, -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142],
  ];
  const TAIL = [
    [4.05544892305962419923, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.408050738932008347e1,
      1.46849561928858024014e1, 2.18663306850790267539, -1.40256079171354495875e-1, -3.50424626827848203418e-2,
      -8.57456785154685413611e-4],
    [1, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.13172038254672030440e1, 1.50425385692907503408e1,
      2.50464946208309415979, -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4],
  ];
  const FAR_TAIL = [
    [3.2377489177694603597, 6.91522889068984211695, 3.93881025292474443415, 1.33303460815807542389,
      2.01485389549179081538e-1, 1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6,
      6.23974539184983293730e-9],
    [1, 6.02427039364742014255, 3.67983563856160859403, 1.37702099489081330271, 2.16236993594496635890e-1,
      1.34204006088543189037e-2, 3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9],
  ];
  const ROOT_OF_TWO_PI = 2.50662827463100050242;
  const TAIL_FROM = 0.13533528323661269189;

  const polynomial = (x, coefficients) => coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);

  function quantile(level) {
    const tail = (1 - level) / 2;
    if (tail > TAIL_FROM) {
      const y = tail - 0.5;
      const square = y * y;
      return -((y + y * ((square * polynomial(square, CENTRE[0])) / polynomial(square, CENTRE[1]))) * ROOT_OF_TWO_PI);
    }
    const x = Math.sqrt(-2 * Math.log(tail));
    const z = 1 / x;
    const [top, bottom] = x < 8 ? TAIL : FAR_TAIL;
    return x - Math.log(x) / x - (z * polynomial(z, top)) / polynomial(z, bottom);
  }

  function adjusted(counts, z) {
    const [d, s, p] = counts.map((count, band) => count + PSEUDO[band]);
    const n = d + s + p;
    const spread = s * (d + p) + 4 * d * p;
    const centre = (p - d) / n;
    const half = z * (Math.sqrt(spread / n) / n);
    return [100 * (centre - half), 100 * (centre + half)];
  }

  function nullVariance(d, p, n, truth) {
    const [fewer, more] = truth < 0 ? [p, d] : [d, p];
    const size = Math.abs(truth);
    const slope = (2 * n - more + fewer) * size - (more + fewer);
    const tilt = fewer * size * (1 - size);
    const total = Math.sqrt(slope * slope + 8 * n * tilt) + Math.abs(slope);
    const [top, bottom] = slope > 0 ? [2 * tilt, total] : [total, 4 * n];
    return 2 * (bottom > 0 ? top / bottom : 0) + size * (1 - size);
  }

  function halve(d, p, n, z) {
    const surplus = p - d;
    let below = surplus / n;
    let above = 1;
    for (let turn = 0; turn < HALVINGS; turn += 1) {
      const middle = (below + above) / 2;
      if (n * middle - surplus < z * Math.sqrt(n * nullVariance(d, p, n, middle))) below = middle;
      else above = middle;
    }
    return (below + above) / 2;
  }

  function score([d, s, p], z) {
    const n = d + s + p;
    return [100 * -halve(p, d, n, z), 100 * halve(d, p, n, z)];
  }

  function estimate(counts, level) {
    const [d, s, p] = counts;
    const n = d + s + p;
    if (!n) return { n };
    const z = quantile(level);
    let method = n < SMALL ? "score" : d === 0 || p === 0 ? "envelope" : "adjusted_wald";
    let [low, high] = method === "score" ? score(counts, z) : adjusted(counts, z);
    if (method === "envelope") {
      const inner = score(counts, z);
      [low, high] = [Math.min(low, inner[0]), Math.max(high, inner[1])];
    }
    const clipped = (points) => Math.min(Math.max(points, -100), 100);
    return {
      n,
      nps: (100 * (p - d)) / n,
      low: clipped(low),
      high: clipped(high),
      method,
      shares: counts.map((count) => count / n),
    };
  }

  // Half to even, as Python writes; `toFixed` takes the larger. Only x.5, and x.25 before one
  // decimal, lie half-way and are held exactly.
  function fixed(size, decimals) {
    const whole = Math.floor(size);
    const rest = size - whole;
    if (decimals === 0 && rest === 0.5) return String(whole + (whole % 2));
    if (decimals === 1 && rest === 0.25) return whole + ".2";
    return size.toFixed(decimals);
  }

  function points(value, decimals = 0) {
    const text = fixed(Math.abs(value), decimals);
    return value < 0 && Number(text) ? MINUS + text : text;
  }

  function signed(value, decimals = 0) {
    const text = points(value, decimals);
    return value > 0 && Number(text) ? "+" + text : text;
  }

  const span = ({ low, high }, decimals = 0) => points(low, decimals) + " to " + points(high, decimals);
  const thousands = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

  function percent(share) {
    const text = fixed(100 * share, 0);
    if (share > 0 && text === "0") return "<1\u00a0%";
    return (share < 1 && text === "100" ? ">99" : text) + "\u00a0%";
  }

  function make(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function makeShape(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // A name from the data keeps its own direction of writing.
  function name(text) {
    return make("bdi", { textContent: text });
  }

  function say(record, chosen, found) {
    const parts = chosen.flatMap((label, place) => [place ? ", " : "", name(label)]);
    const who = parts.length ? parts : ["All answers"];
    if (!found.n) return [...who, ": no answers in this choice."];
    const kind = [record.survey, found.n === 1 ? "answer" : "answers"].filter(Boolean).join(" ");
    const scale = record.scale && record.scale !== "0-10" ? " on a " + record.scale + " scale" : "";
    const bands = found.shares.map((share, band) => percent(share) + " " + BANDS[band]);
    const told = [
      ...who,
      ": the score is ",
      make("strong", { textContent: signed(found.nps) }),
      " (" + span(found) + ", " + thousands(found.n) + " " + kind + scale + "). ",
      bands[0] + ", " + bands[1] + " and " + bands[2] + ".",
    ];
    if (found.few) told.push(" Too few answers to judge it: fewer than " + record.min_n + ".");
    return told;
  }

  const HEIGHT = 132;
  const EDGE = 14;

  // The interval first, the score on it; beneath, the three shares. The scale stays as it is, so
  // that one choice can be held against another.
  function draw(stage, found, whole) {
    const width = Math.max(stage.clientWidth, 240);
    const picture = makeShape("svg", { viewBox: "0 0 " + width + " " + HEIGHT, width, height: HEIGHT });
    picture.setAttribute("aria-hidden", "true");
    picture.setAttribute("focusable", "false");
    const put = (shape, attributes, text) => picture.append(makeShape(shape, attributes, text));
    const x = (value) => EDGE + ((value + 100) / 200) * (width - 2 * EDGE);
    const words = { "font-size": 12, fill: "#52606d" };
    for (const tick of [-100, -50, 0, 50, 100]) {
      put("line", { x1: x(tick), x2: x(tick), y1: 28, y2: 56, stroke: tick ? "#e6e9eb" : "#8b959d" });
      const anchor = tick === -100 ? "start" : tick === 100 ? "end" : "middle";
      const at = anchor === "start" ? 0 : anchor === "end" ? width : x(tick);
      put("text", { ...words, x: at, y: 72, "text-anchor": anchor }, points(tick));
    }
    if (whole.n) {
      const at = { x1: x(whole.nps), x2: x(whole.nps), y1: 26, y2: 58 };
      put("line", { ...at, stroke: "#52606d", "stroke-dasharray": "2 2" });
    }
    if (found.n) {
      const faint = found.few ? 0.55 : 1;
      put("line", {
        x1: x(found.low), x2: x(found.high), y1: 42, y2: 42,
        stroke: "#8f9ba5", "stroke-width": 6, "stroke-linecap": "round", opacity: faint,
      });
      put("circle", { cx: x(found.nps), cy: 42, r: 6, fill: "#0d4f56", opacity: faint });
      const text = signed(found.nps, 1) + " (" + span(found, 1) + ")";
      const half = text.length * 3.8;
      const middle = Math.min(Math.max(x(found.nps), half), width - half);
      const look = { "font-size": 14, "font-weight": 650, fill: "#1f2933", "text-anchor": "middle" };
      put("text", { ...look, x: middle, y: 18 }, text);
      let start = EDGE;
      found.shares.forEach((share, band) => {
        const long = share * (width - 2 * EDGE);
        if (long > 0) put("rect", { x: start, y: 88, width: long, height: 18, fill: COLOURS[band] });
        start += long;
      });
      const places = [["start", EDGE], ["middle", width / 2], ["end", width - EDGE]];
      BANDS.forEach((band, place) => {
        const [anchor, at] = places[place];
        const text = band + " " + percent(found.shares[place]);
        put("text", { ...words, x: at, y: 124, "text-anchor": anchor }, text);
      });
    }
    stage.replaceChildren(picture);
  }

  function add(record, chosen) {
    const counts = [0, 0, 0];
    const first = record.columns.length;
    for (const row of record.rows) {
      if (chosen.every((place, column) => place < 0 || row[column] === place)) {
        for (let band = 0; band < counts.length; band += 1) counts[band] += row[first + band];
      }
    }
    const found = estimate(counts, record.level);
    return { ...found, few: found.n < record.min_n };
  }

  function offer(section, number) {
    const record = JSON.parse(section.querySelector("script").textContent);
    const still = section.querySelector(".nps-filter-still");
    const lists = record.columns.map((column, place) => {
      const options = column.values.map((value, at) => make("option", { value: at, textContent: value }));
      const list = make("select", { id: "nps-filter-" + number + "-" + place }, make("option", { value: -1, textContent: "all" }), ...options);
      list.setAttribute("autocomplete", "off");
      return list;
    });
    const labels = lists.map((list, place) =>
      make("p", {}, make("label", { htmlFor: list.id, textContent: record.columns[place].heading }), list),
    );
    const reset = make("button", { type: "button", textContent: "Show all" });
    const said = make("p", { className: "nps-filter-said" });
    const stage = make("div", { className: "nps-filter-stage" });
    const key = make("p", { className: "nps-figure-note" });
    const whole = add(record, lists.map(() => -1));
    said.setAttribute("aria-live", "polite");
    said.setAttribute("aria-atomic", "true");

    function show() {
      const chosen = lists.map((list) => Number(list.value));
      const found = add(record, chosen);
      const labels = chosen.flatMap((place, column) => (place < 0 ? [] : [record.columns[column].values[place]]));
      said.replaceChildren(...say(record, labels, found));
      draw(stage, found, whole);
      key.textContent = found.n
        ? "The dot is the score, the bar its " + record.interval + "; the dotted line is the score of all these answers."
        : "The dotted line is the score of all these answers.";
      reset.disabled = !labels.length;
      const [detractors, passives, promoters] = found.shares || [];
      const { n, nps, low, high, method, few } = found;
      const raw = { n, nps, low, high, method, few, detractors, passives, promoters };
      for (const [property, value] of Object.entries(raw)) {
        section.dataset[property] = value === undefined ? "" : String(value);
      }
    }

    for (const list of lists) list.addEventListener("change", show);
    reset.addEventListener("click", () => {
      for (const list of lists) list.value = "-1";
      show();
      lists[0].focus();
    });
    const more = make("details", { className: "nps-numbers" }, make("summary", { textContent: "The counts behind it" }));
    const controls = make("div", { className: "nps-filter-lists" }, ...labels, reset);
    still.before(make("p", { className: "nps-figure-title", textContent: record.title }), controls, said, stage, key, more);
    more.append(still);
    section.dataset.offered = "1";
    show();
    let drawn = stage.clientWidth;
    new ResizeObserver(() => {
      if (stage.clientWidth !== drawn) {
        drawn = stage.clientWidth;
        draw(stage, add(record, lists.map((list) => Number(list.value))), whole);
      }
    }).observe(stage);
  }

  document.querySelectorAll(".nps-filter").forEach((section, number) => {
    try {
      offer(section, number);
    } catch {
      // The table of the counts stays as it is.
    }
  });
})();
