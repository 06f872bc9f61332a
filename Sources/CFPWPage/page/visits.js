const MOST_VISITS = 1000, METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/** Classes and the title's key; the first class names the column. */
const COLUMNS = [
  ["at", "at"], ["method", "method"], ["path", "path"], ["status", "status"], ["tunnel", "tunnel"],
  ["upstream.took.end", "upstream"], ["total.took.end", "total"], ["received.size.end", "received"],
  ["sent.size.end", "sent"], ["from", "address"], ["request", "id"],
];
let statusClass = "";

const statusLook = status => status ? `s${String(status)[0]}` : "s5";

function makeTools() {
  const classes = [["", t("all")], ...[2, 3, 4, 5].map(digit => [`${digit}`, `${digit}xx`])];
  const choose = value => { statusClass = value; makeTools(); showVisits(); };
  const focused = document.activeElement?.dataset.key;
  $("classes").replaceChildren(choice(t("status"), classes, statusClass, choose, "class"));
  $("classes").querySelector(`[data-key="${focused}"]`)?.focus();
  const method = $("method").value;
  $("method").replaceChildren(h("option", { value: "" }, t("anyMethod")), ...METHODS.map(name => h("option", {}, name)));
  $("method").value = method;
  const title = key => t(key === "tunnel" && isRelay() ? "host" : key);
  $("columns").replaceChildren(...COLUMNS.map(([look, key]) => h(`th.${look}`, { scope: "col" }, title(key))));
  showPause();
}

function showPause() {
  const waiting = page.paused ? page.visits.filter(visit => visit.id > page.pausedAt).length : 0;
  say($("pause"), !page.paused ? t("pause") : waiting ? t("resumeNew", waiting) : t("resume"));
  $("pause").setAttribute("aria-pressed", page.paused);
  $("pause").classList.toggle("main", page.paused);
}

function togglePause() {
  page.paused = !page.paused;
  page.pausedAt = page.newest;
  showPause();
  showVisits();
}

/** Whether a visit is to be seen, by every filter. */
function matcher() {
  const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean), method = $("method").value;
  return visit => {
    if (page.paused && visit.id > page.pausedAt) return false;
    if (page.scope && visit.tunnel !== page.scope) return false;
    if (method && visit.method !== method) return false;
    if (statusClass && String(visit.status ?? 5)[0] !== statusClass) return false;
    const { target, status, address, request_id, tunnel, error } = visit;
    const text = [visit.method, target, status, address, request_id, tunnel, error].join(" ").toLowerCase();
    return words.every(word => text.includes(word));
  };
}

function row(visit) {
  const cells = {
    at: clock(visit.at), method: visit.method,
    status: h("span", { class: statusLook(visit.status), title: visit.error }, visit.status ? `${visit.status}` : "✕"),
    tunnel: visit.tunnel, upstream: milliseconds(visit.upstream_ms), total: milliseconds(visit.total_ms),
    received: bytes(visit.received), sent: bytes(visit.sent), from: visit.address ?? "", request: visit.request_id ?? "",
  };
  const again = visit.replay_of == null ? null : h("span.again", { title: t("replayOf", visit.replay_of) }, "↻");
  const link = h("a", { href: `#${visit.id}`, tabindex: "-1" }, visit.target);
  const tds = COLUMNS.map(([look]) => {
    const [key] = look.split(".");
    return key === "path" ? h("td.path", { title: visit.target }, again, link) : h(`td.${look}`, {}, cells[key]);
  });
  const open = event => { if (!event.target.closest("a") && !String(getSelection())) location.hash = visit.id; };
  return h("tr", { "data-id": visit.id, click: open }, ...tds);
}

/** All rows anew: a filter, the language or the scope has changed. */
function showVisits() {
  const matching = page.visits.filter(matcher());
  $("rows").replaceChildren(...matching.slice(0, page.shown).map(row));
  $("more").hidden = matching.length <= page.shown;
  markRows();
}

/** Puts the rows of new visits on top, and nothing else is touched. */
function addVisits(visits) {
  const matches = matcher(), rows = visits.filter(matches).map(row);
  rows.forEach(element => element.classList.add("new"));
  $("rows").prepend(...rows);
  while ($("rows").childElementCount > page.shown) $("rows").lastChild.remove();
  $("more").hidden = page.visits.filter(matches).length <= page.shown;
  markRows();
  showPause();
}

/** The open visit's row stands out; one row is in the tab order. */
function markRows() {
  const rows = $("rows"), open = rows.querySelector(`[data-id="${Number(location.hash.slice(1))}"]`);
  rows.querySelector(".open")?.classList.remove("open");
  open?.classList.add("open");
  const stop = rows.contains(document.activeElement) ? document.activeElement.closest("tr") : open ?? rows.firstChild;
  rows.querySelectorAll("a[tabindex='0']").forEach(link => { link.tabIndex = -1; });
  if (stop) stop.querySelector("a").tabIndex = 0;
  showEmpty(!stop);
}

function showEmpty(empty) {
  $("empty").hidden = !empty;
  if (!empty) return $("empty").replaceChildren();
  const url = places()[0]?.url, key = `${page.visits.length > 0}${language}${url}`;
  if ($("empty").dataset.key === key && $("empty").hasChildNodes()) return;
  $("empty").dataset.key = key;
  if (page.visits.length) return $("empty").replaceChildren(t("noMatch"));
  $("empty").replaceChildren(h("b", {}, t("noVisit")), t("noVisitHelp"), publicLink(url, ".link"));
}

/** To the row below or above; where a visit is open, that one is opened. */
function move(step) {
  const rows = [...$("rows").children];
  const here = element => inspector.id == null ? element.contains(document.activeElement) : element.classList.contains("open");
  const from = rows.findIndex(here);
  const next = rows[from < 0 ? 0 : from + step];
  if (!next) return;
  next.scrollIntoView({ block: "nearest" });
  if (inspector.id != null) location.replace(`#${next.dataset.id}`);
  else next.querySelector("a").focus();
  markRows();
}
