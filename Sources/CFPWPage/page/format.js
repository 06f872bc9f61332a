const NONE = "–";
const locale = () => language === "zh" ? "zh-CN" : "en";
const count = n => n == null ? NONE : n.toLocaleString(locale());

function rate(n) {
  if (n == null) return NONE;
  return n >= 100 ? count(Math.round(n)) : n >= 10 ? n.toFixed(1) : n === 0 ? "0" : n.toFixed(2);
}

function bytes(n) {
  if (n == null) return NONE;
  if (n < 1024) return `${n} B`;
  const power = Math.min(4, Math.floor(Math.log2(n) / 10)), scaled = n / 1024 ** power;
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${["", "KiB", "MiB", "GiB", "TiB"][power]}`;
}

function milliseconds(ms) {
  if (ms == null) return NONE;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1000).toFixed(2)} s` : span(ms / 1000);
}

/** The two largest units of a time in seconds. */
function span(seconds) {
  const names = language === "zh" ? [" 天", " 小时", " 分", " 秒"] : [" d", " h", " min", " s"];
  const parts = [86_400, 3600, 60, 1].map((unit, index, units) =>
    [Math.floor(seconds % (units[index - 1] ?? Infinity) / unit), names[index]]);
  const first = parts.findIndex(([number]) => number > 0);
  return first < 0 ? `0${names[3]}` : parts.slice(first, first + 2).map(part => part.join("")).join(" ");
}

function clock(epochMillis, exact) {
  const date = new Date(epochMillis), time = date.toTimeString().slice(0, 8);
  if (!exact) return time;
  const day = date.toDateString() === new Date().toDateString() ? "" : `${date.toLocaleDateString(locale())} `;
  return `${day}${time}.${String(epochMillis % 1000).padStart(3, "0")}`;
}
