(function () {
  "use strict";

  // So many rows are drawn at once; the others follow when they are asked for.
  const DRAWN = 200;
  // A page that was not written anew this long after a report was due says so.
  const PATIENCE = 2 * 60 * 60 * 1000;

  const $ = (id) => document.getElementById(id);
  const number = (count) => count.toLocaleString("en-GB");
  const plain = (text) =>
    (/^[\x20-\x7e]*$/.test(text) ? text : text.normalize("NFD").replace(/\p{M}/gu, "")).toLowerCase();

  const sections = [...document.querySelectorAll(".report")].map((element) => ({
    element,
    name: element.querySelector("h2").textContent,
    due: element.dataset.due,
    earlier: element.querySelector(".earlier"),
    rows: [...element.querySelectorAll("li")],
  }));
  const total = sections.reduce((sum, section) => sum + section.rows.length, 0);

  const late = sections.filter(({ due }) => due && Date.now() - Date.parse(due) > PATIENCE);
  if (late.length && !document.querySelector(".asides .late")) {
    $("late").textContent =
      `Since this page was written, ${late.length === 1 ? "one report has" : `${number(late.length)} reports have`} become due: ` +
      `${late.slice(0, 6).map(({ name }) => name).join(", ")}${late.length > 6 ? " and others" : ""}. ` +
      "Does “nps-kit reports run” still run?";
    $("late").hidden = false;
  }

  // "2026-10" is found under October as well, and October 2026 under "2026-10".
  const MONTHS = [
    ...["January", "February", "March", "April", "May", "June"],
    ...["July", "August", "September", "October", "November", "December"],
  ];
  const month = (period) => MONTHS[(/^\d{4}-(\d{2})/.exec(period || "") || [])[1] - 1] || "";

  let texts = null;
  function read() {
    texts = texts || new Map(
      sections.flatMap(({ name, rows }) =>
        rows.map((row) => [row, plain([name, row.textContent, row.dataset.n, month(row.dataset.p)].join(" "))]),
      ),
    );
    return texts;
  }

  let most = DRAWN;
  let opened = null;

  function show() {
    const words = plain($("words").value).split(/\s+/).filter(Boolean);
    const period = $("period").value;
    const kind = $("kind").value;
    const asked = words.length > 0 || period !== "" || kind !== "";
    if (asked && !opened) opened = new Set(sections.filter(({ earlier }) => earlier && earlier.open));
    let found = 0;
    for (const section of sections) {
      const before = found;
      let inEarlier = false;
      for (const row of section.rows) {
        const fits =
          !asked ||
          ((period === "" || row.dataset.p === period) &&
            (kind === "" || (row.dataset.k || "there").split(",").includes(kind)) &&
            words.every((word) => read().get(row).includes(word)));
        if (fits) found += 1;
        const shown = fits && (!asked || found <= most);
        if (row.hidden === shown) row.hidden = !shown;
        if (asked && shown && section.earlier && section.earlier.contains(row)) inEarlier = true;
      }
      section.element.hidden = asked && (found === before || before >= most);
      if (section.earlier) {
        section.earlier.open = asked ? inEarlier : opened ? opened.has(section) : section.earlier.open;
        section.earlier.hidden = asked && !inEarlier;
      }
    }
    if (!asked) opened = null;
    $("count").textContent = asked
      ? `${number(found)} of ${number(total)}${found > most ? `; the first ${number(most)} are shown` : ""}.`
      : "";
    $("rest").hidden = !asked || found <= most;
    $("rest").firstChild.textContent = `Show all ${number(found)}`;
  }

  function ask() {
    most = DRAWN;
    show();
  }

  if ($("find")) {
    $("find").hidden = false;
    $("find").addEventListener("submit", (event) => event.preventDefault());
    $("find").addEventListener("input", ask);
    $("rest").firstChild.addEventListener("click", () => {
      most = Infinity;
      show();
    });
    // Read while nobody waits, so that the first search is as quick as the next.
    setTimeout(read, 300);
    // A browser that comes back to the page fills the fields as they were left.
    if ($("words").value || $("period").value || $("kind").value) ask();
  }
  document.body.dataset.ready = "1";
})();
