/** Fetches JSON; with a body it posts. Throws an Error with the server's words and `status`. */
async function api(path, body) {
  const headers = { "Content-Type": "application/json" };
  const posting = body && { method: "POST", headers, body: JSON.stringify(body) };
  const response = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(body ? 130_000 : 8000), ...posting });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.error ?? `${response.status} ${response.statusText}`), { status: response.status });
}

const poll = {
  timer: 0, running: null, failures: 0, due: 0, unauthorised: false,

  /** Asks at once; one question at a time. */
  now() {
    clearTimeout(this.timer);
    return this.running ??= this.ask().finally(() => { this.running = null; });
  },

  async ask() {
    let wait;
    try {
      const complete = receive(await api(`/ui/state?after=${page.newest}`));
      wait = complete ? document.hidden ? 10 : 1 : .05;
      if (this.failures) announce(t("back", page.state.program));
      Object.assign(this, { failures: 0, unauthorised: false });
    } catch (error) {
      this.failures += 1;
      this.unauthorised = error.status === 401;
      if (this.failures === 1) announce(t(this.unauthorised ? "key" : "lost", page.state?.program ?? "fpwd"));
      wait = this.unauthorised ? 10 : Math.min(15, 2 ** (this.failures - 1));
    }
    this.due = performance.now() + 1000 * wait;
    this.timer = setTimeout(() => this.now(), 1000 * wait);
    showHeader();
  },
};

function announce(text) {
  $("live").textContent = text;
}

/** Takes a state in; false where there is more to fetch at once. */
function receive(state) {
  if (page.started !== null && (state.started !== page.started || state.newest < page.newest)) {
    Object.assign(page, { visits: [], newest: 0, pausedAt: 0, started: state.started, histories: new Map() });
    showVisits();
    return false;
  }
  const before = new Map(places().map(place => [place.name, place.link])), first = page.state === null;
  const fresh = state.visits.filter(visit => visit.id > page.newest).sort((a, b) => b.id - a.id);
  const visits = [...fresh, ...page.visits].slice(0, MOST_VISITS);
  Object.assign(page, { state, visits, started: state.started, newest: fresh[0]?.id ?? state.newest });
  for (const { name, link, trouble } of places()) {
    if (before.has(name) && before.get(name) !== link) announce(`${t("linkIs", name, t(link))} ${trouble ?? ""}`);
  }
  record(performance.now() / 1000);
  if (first) { makeTools(); showFooter(); }
  showPlaces();
  showCharts();
  if (fresh.length) addVisits(fresh); else if (!$("rows").hasChildNodes()) markRows();
  if (first) route(); else if (inspector.id !== null) updateInspector(fresh);
  return page.newest >= state.newest;
}

/** A visit that has been asked for before it was there, and the visits that repeat the one shown. */
function updateInspector(fresh) {
  if (!inspector.detail && fresh.some(visit => visit.id === inspector.id)) loadVisit(inspector.id);
  if (fresh.some(visit => visit.replay_of === inspector.id)) $("relatives")?.replaceWith(relatives(inspector.detail));
}

function showHeader() {
  const { state } = page, program = state?.program ?? "fpwd", lost = poll.failures > 0;
  const [look, word] = poll.unauthorised ? ["warn", "keyShort"] : lost ? ["bad", "lostShort"] : !state ? ["quiet", "connecting"]
    : state.ready ? ["good", "ready"] : ["bad", "notReady"];
  say($("program"), program);
  say($("version"), state?.version ?? "");
  say($("overall"), t(word));
  stateClass($("overall"), look);
  say($("uptime"), state && !lost ? t("upFor", span(state.now - state.started)) : "");
  document.title = `${program} · ${t(word)}`;
  showIcon(look);
  $("lost").hidden = !lost;
  const seconds = Math.max(0, Math.ceil((poll.due - performance.now()) / 1000));
  const next = poll.running || !seconds ? t("trying") : t("retrying", seconds);
  say($("lost").firstChild, !lost ? "" : poll.unauthorised ? t("key") : `${t("lost", program)} ${next}`);
  $("problem").hidden = !state?.problem;
  say($("problem").firstChild, state?.problem ?? "");
}

/** The tab's own icon: the colour of the state. */
function showIcon(look) {
  const colour = { good: "1fa85a", warn: "e0a020", bad: "e5484d", quiet: "b3bac6" }[look];
  const circle = `<circle cx='8' cy='8' r='6' fill='%23${colour}'/>`;
  const href = `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>${circle}</svg>`;
  if ($("icon").getAttribute("href") !== href) $("icon").setAttribute("href", href);
}

function showFooter() {
  $("footer").replaceChildren(h("a", { href: "/metrics" }, t("metrics")), h("a", { href: "/readyz" }, t("readiness")));
}
