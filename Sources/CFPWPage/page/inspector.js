/** What is open: its number, what it carried, the first answer where it repeats another, and how it is looked at. */
const inspector = { id: null, detail: null, bodies: {}, first: null, note: null, tab: "response", view: {}, editing: false };

/** The address says what is open: `#42` is visit 42, so that the browser's own way back works. */
function route() {
  const id = Number(location.hash.slice(1)) || null;
  if (id === null) return closeInspector();
  const opening = inspector.id === null;
  Object.assign(inspector, { id, detail: null, bodies: {}, first: null, note: t("loading"), view: {}, editing: false });
  $("inspector").hidden = false;
  document.body.classList.add("inspecting");
  drawInspector();
  if (opening) $("inspector").focus({ preventScroll: true });
  markRows();
  loadVisit(id);
}

function closeInspector() {
  const last = inspector.id;
  inspector.id = null;
  $("inspector").hidden = true;
  document.body.classList.remove("inspecting");
  markRows();
  if (last !== null) $("rows").querySelector(`[data-id="${last}"] a`)?.focus({ preventScroll: true });
}

/** Leaves the page's address without a visit, and no entry behind in the browser's list. */
function leaveVisit() {
  history.replaceState(null, "", location.pathname);
  closeInspector();
}

const known = id => page.visits.find(visit => visit.id === id);

async function loadVisit(id) {
  try {
    if (!page.state.inspector) throw new Error(isRelay() ? "" : t("off"));
    if (known(id)?.kept === false) throw new Error(t("gone"));
    const detail = await api(`/ui/visits/${id}`), bodies = { request: await readBody(detail.request) };
    if (detail.response) bodies.response = await readBody(detail.response);
    const first = await firstAnswer(detail);
    if (inspector.id === id) Object.assign(inspector, { detail, bodies, first, note: null });
  } catch (error) {
    if (inspector.id === id) inspector.note = error.status === 404 ? t("gone") : error.message;
  }
  if (inspector.id === id) drawInspector();
}

/** The visit that a chain of visits sent again began with; null where there is none or it is no longer kept. */
async function firstAnswer(detail) {
  let first = null;
  for (let id = detail.replay_of; id != null && first?.id !== id;) {
    const before = await api(`/ui/visits/${id}`).catch(() => null);
    if (!before) break;
    first = before;
    id = before.replay_of;
  }
  return first?.response ? { ...first.response, id: first.id, body: await readBody(first.response) } : null;
}

/** Draws the whole of it; the focus stays on what had it. */
function drawInspector() {
  const { id, detail, note, editing } = inspector, visit = detail ?? known(id);
  const key = document.activeElement?.dataset.key, inside = $("inspector").contains(document.activeElement);
  const content = [
    visit ? about(visit) : null, visit?.error ? h("p.note.is-bad", {}, visit.error) : null, relatives(visit),
    note ? quietly(note) : null, ...(!detail ? [] : editing ? [editor(detail)] : [tabs(), panel(detail)]),
  ];
  $("inspector").setAttribute("aria-label", `${t("visit")} ${id}`);
  $("inspector").replaceChildren(inspectorTop(id, visit, detail), h("div.scroll", {}, ...content.filter(Boolean)));
  if (inside) ($("inspector").querySelector(`[data-key="${key}"]`) ?? $("inspector")).focus({ preventScroll: true });
}

function edit(editing) {
  inspector.editing = editing;
  drawInspector();
}

function inspectorTop(id, visit, detail) {
  const actions = detail ? [
    button("curl", () => copyCurl(detail)),
    button("edit", () => edit(!inspector.editing), "", { "aria-pressed": `${inspector.editing}` }),
    button("sendAgain", event => send(event.currentTarget, {}), ".main"),
  ] : [];
  const title = visit ? `${visit.method} ${visit.target}` : `${t("visit")} ${id}`;
  return h("div.top", {},
    h("div.line", {}, h("h2", {}, title), iconButton("up", "previous", () => move(-1)),
      iconButton("down", "next", () => move(1)), iconButton("close", "close", leaveVisit)),
    visit ? h("div.line", {}, badge(visit.status), h("span.muted", {}, milliseconds(visit.total_ms)), h("span.space"), ...actions) : "");
}

const badge = status => h(`span.badge.${statusLook(status)}`, {}, `${status ?? "✕"}`);

function about(visit) {
  const facts = [
    ["at", clock(visit.at, true)], ["upstreamTime", milliseconds(visit.upstream_ms)],
    ["totalTime", milliseconds(visit.total_ms)], ["sizes", `${bytes(visit.received)}, ${bytes(visit.sent)}`],
    [isRelay() ? "host" : "tunnel", visit.tunnel], ["address", visit.address], ["id", visit.request_id],
  ];
  return h("dl.about", {}, ...facts.filter(([, value]) => value).map(([key, value]) =>
    h(key === "id" ? "div.wide" : "div", {}, h("dt", {}, t(key)), h(key === "id" ? "dd.mono" : "dd", {}, value))));
}

/** Links to the visit that this one repeats, and to those that repeat it; rows may come while it is open. */
function relatives(visit) {
  const link = id => h("a.link", { href: `#${id}` }, ` ${id}`);
  const line = (text, ids) => h("p", {}, h("span.again", {}, "↻"), text, ...ids.map(link));
  const replays = page.visits.filter(other => other.replay_of === inspector.id).map(other => other.id).reverse();
  const lines = replays.length ? [line(t("replayed"), replays)] : [];
  if (visit?.replay_of != null) lines.unshift(line(t("first"), [inspector.first?.id ?? visit.replay_of]));
  return h("div", { id: "relatives", hidden: !lines.length }, ...lines);
}

function tabs() {
  const shown = ["request", "response", "difference"].filter(tab => tab !== "difference" || inspector.first);
  if (!shown.includes(inspector.tab)) inspector.tab = "response";
  const choose = tab => { inspector.tab = tab; drawInspector(); };
  const keydown = event => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    choose(shown[(shown.indexOf(inspector.tab) + step + shown.length) % shown.length]);
    $("inspector").querySelector("[aria-selected=true]").focus();
  };
  const tab = name => button(name, () => choose(name), "", {
    role: "tab", "data-key": `tab-${name}`, "aria-selected": `${name === inspector.tab}`, "aria-controls": "panel",
    tabindex: name === inspector.tab ? 0 : -1,
  });
  return h("div", {}, h("div.choice", { role: "tablist", keydown }, ...shown.map(tab)));
}

function panel(detail) {
  const content = inspector.tab === "difference" ? difference(detail) : message(detail[inspector.tab], inspector.tab);
  return h("div.part", { id: "panel", role: "tabpanel" }, ...content);
}

/** Header fields and body of the request or the response. */
function message(content, side) {
  if (!content) return [quietly(t("noAnswer"))];
  const { headers } = content, text = headers.map(field => field.join(": ")).join("\n");
  return [
    part(heading(`${t("headers")} · ${headers.length}`, button("copy", () => copy(text), ".plain")),
      headers.length ? fieldTable(headers) : quietly(t("noHeaders"))),
    bodyPart(content, inspector.bodies[side], side),
  ];
}

function bodyPart(content, body, side) {
  if (!content.body_size) return part(heading(t("body")), quietly(t("noBody")));
  const all = views(body), [name, view] = all.find(([key]) => key === inspector.view[side]) ?? all[0];
  const choose = key => { inspector.view[side] = key; drawInspector(); };
  const title = `${t("body")} · ${bytes(content.body_size)}${body.coding ? ` · ${t("decoded", body.coding)}` : ""}`;
  const kept = bytes(fromBase64(content.body).length);
  return part(
    heading(title, choice(t("body"), all.map(([key]) => [key, t(key)]), name, choose),
      body.text === null ? null : button("copy", () => copy(body.text), ".plain")),
    content.truncated ? h("p.note.is-warn", {}, t("truncated", kept, bytes(content.body_size))) : null,
    body.cut ? h("p.note.is-warn", {}, t("cut", bytes(DECODED))) : null, view());
}

function difference({ response }) {
  const { first, bodies } = inspector;
  if (!response) return [quietly(t("comparedTo", first.id)), quietly(t("noAnswer"))];
  const statuses = first.status === response.status ? [`${first.status} · ${t("same")}`]
    : [badge(first.status), "→", badge(response.status)];
  return [
    quietly(t("comparedTo", first.id)), part(heading(t("status"), ...statuses)),
    headerDifference(first.headers, response.headers), bodyDifference(first.body, bodies.response),
  ];
}
