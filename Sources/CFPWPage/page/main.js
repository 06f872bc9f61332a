const languages = document.querySelectorAll("[data-language]");

function speak(chosen) {
  language = chosen;
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  for (const element of languages) element.setAttribute("aria-pressed", `${element.dataset.language === chosen}`);
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
    if (element.placeholder !== undefined) element.placeholder = t(element.dataset.label);
  }
  $("help").setAttribute("aria-label", t("shortcuts"));
  $("places").replaceChildren();
  makeCharts();
  makeTools();
  showFooter();
  showHeader();
  if (!page.state) return;
  showPlaces();
  showCharts();
  showVisits();
  if (inspector.id !== null) drawInspector();
}

const KEYS = {
  "/": () => $("filter").focus(), "?": showShortcuts, p: togglePause, j: () => move(1), k: () => move(-1),
  ArrowDown: () => move(1), ArrowUp: () => move(-1), Escape: () => inspector.id !== null && leaveVisit(),
};

document.addEventListener("keydown", event => {
  const typing = event.target.closest("input, select, textarea"), arrow = event.key.startsWith("Arrow");
  if (event.ctrlKey || event.metaKey || event.altKey || $("dialog").open || !(event.key in KEYS)) return;
  if (event.key === "Escape" ? typing === $("filter") : typing || (arrow && !$("rows").contains(event.target))) return;
  event.preventDefault();
  KEYS[event.key]();
});
for (const element of languages) element.addEventListener("click", () => {
  remember("language", element.dataset.language);
  speak(element.dataset.language);
});
$("skip").addEventListener("click", event => { event.preventDefault(); $("visits").focus(); });
$("help").addEventListener("click", showShortcuts);
$("retry").addEventListener("click", () => poll.now());
$("filter").addEventListener("input", showVisits);
$("method").addEventListener("change", showVisits);
$("scope").addEventListener("change", event => {
  page.scope = event.target.value;
  showPlaces();
  showCharts();
  showVisits();
});
$("pause").addEventListener("click", togglePause);
$("more").firstChild.addEventListener("click", () => { page.shown += 200; showVisits(); });
addEventListener("hashchange", route);
document.addEventListener("visibilitychange", () => document.hidden || poll.now());
setInterval(() => { if (!document.hidden) showHeader(); }, 1000);

speak(language);
poll.now();
