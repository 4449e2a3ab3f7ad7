// A course: says how far it is while the chapters come in, then shows one at a time.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const bare = new URL(location.href);
  if (bare.searchParams.has("token")) {
    // The way in is not for the history, nor for a shoulder; a cookie lets this browser in again.
    bare.searchParams.delete("token");
    history.replaceState(null, "", bare);
  }
  const asked = location.hash;
  let arrived = 0;

  function tellProgress() {
    const sections = document.querySelectorAll(".nps-course-part");
    if (sections.length === arrived) return;
    arrived = sections.length;
    const bar = byId("nps-waiting-bar");
    bar.value = arrived - 1;
    byId("nps-waiting-now").textContent = `Preparing chapter ${arrived} of ${bar.max}`;
  }

  const arriving = new MutationObserver(tellProgress);
  arriving.observe(document, { childList: true, subtree: true });

  function whenReady(then) {
    const isReady = () =>
      [...document.querySelectorAll(".nps-awaited")].every((place) => place.querySelector(".lm-Widget > *"));
    if (isReady()) {
      then();
      return;
    }
    const drawing = new MutationObserver(() => {
      if (!isReady()) return;
      drawing.disconnect();
      then();
    });
    drawing.observe(byId("nps-content"), { childList: true, subtree: true });
  }

  function nameSliders() {
    // The part that takes the keys has no name of its own.
    for (const slider of document.querySelectorAll(".widget-slider")) {
      const name = slider.querySelector(".widget-label")?.textContent ?? "";
      slider.querySelectorAll(".noUi-handle").forEach((handle) => handle.setAttribute("aria-label", name));
    }
  }

  function open() {
    nameSliders();
    new MutationObserver(nameSliders).observe(byId("nps-content"), { childList: true, subtree: true });
    const chapters = [...document.querySelectorAll(".nps-course-part")];
    const links = [...document.querySelectorAll("#nps-contents a")];
    const menu = byId("nps-menu");
    const title = document.title;
    const fatal = document.querySelector("[data-fatal]");
    if (fatal) {
      // Nothing that follows has anything to show.
      chapters.splice(1).forEach((chapter) => chapter.remove());
      [byId("nps-contents"), menu, byId("nps-turn")].forEach((part) => {
        part.hidden = true;
      });
    }

    function find(hash) {
      const id = decodeURIComponent(hash.slice(1));
      return Math.max(0, chapters.findIndex((chapter) => chapter.id === id));
    }

    function turn(link, chapter) {
      link.hidden = !chapter;
      if (chapter) link.href = `#${chapter.id}`;
    }

    function show(index, { move }) {
      chapters.forEach((chapter, place) => {
        chapter.hidden = place !== index;
      });
      links.forEach((link, place) => {
        if (place === index) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      });
      const chapter = chapters[index];
      turn(byId("nps-back"), chapters[index - 1]);
      turn(byId("nps-next"), chapters[index + 1]);
      byId("nps-next").textContent = index === 0 ? "Begin" : "Next";
      if (index > 0 && chapters[index + 1]) {
        const name = document.createElement("span");
        name.textContent = `: ${chapters[index + 1].dataset.title}`;
        byId("nps-next").append(name);
      }
      byId("nps-where").textContent = `${index + 1} of ${chapters.length}`;
      menu.setAttribute("aria-expanded", "false");
      document.title = index === 0 ? title : `${chapter.dataset.title} · ${title}`;
      // What was drawn while it was out of sight measures itself anew.
      window.dispatchEvent(new Event("resize"));
      if (!move) return;
      scrollTo(0, 0);
      const heading = chapter.querySelector("h1, h2");
      heading?.setAttribute("tabindex", "-1");
      heading?.focus({ preventScroll: true });
    }

    addEventListener("hashchange", () => {
      if (location.hash !== "#nps-content") show(find(location.hash), { move: true });
    });
    menu.addEventListener("click", () => {
      menu.setAttribute("aria-expanded", String(menu.getAttribute("aria-expanded") !== "true"));
    });
    arriving.disconnect();
    byId("nps-waiting").remove();
    byId("nps-course").hidden = false;
    show(find(asked), { move: false });
    document.body.dataset.ready = "1";
  }

  function watch() {
    const { baseUrl, kernelId } = JSON.parse(byId("jupyter-config-data").textContent);
    const often = 20_000;
    let missed = 0;
    const timer = setInterval(async () => {
      const answers = await fetch(`${baseUrl}api/kernels/${kernelId}`).then(
        (answer) => answer.ok,
        () => false,
      );
      missed = answers ? 0 : missed + 1;
      if (missed < 2) return;
      clearInterval(timer);
      byId("nps-lost").hidden = false;
    }, often);
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (!byId("nps-course")) return;
    byId("nps-waiting-now").textContent = "Opening";
    watch();
    whenReady(open);
  });
})();
