/** The lines of two texts as [" " | "-" | "+", line]. */
function differingLines(before, after) {
  let head = 0, tail = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const kept = lines => lines.map(line => [" ", line]);
  const middle = commonLines(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...kept(before.slice(0, head)), ...middle, ...kept(before.slice(before.length - tail))];
}

/** By the longest common subsequence; too many differing lines are replaced as a whole. */
function commonLines(before, after) {
  const width = after.length + 1;
  if (before.length * width > 4_000_000) return [...before.map(line => ["-", line]), ...after.map(line => ["+", line])];
  const longest = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) for (let j = after.length - 1; j >= 0; j--) {
    longest[i * width + j] = before[i] === after[j] ? longest[(i + 1) * width + j + 1] + 1
      : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
  }
  const lines = [];
  let i = 0, j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) { lines.push([" ", before[i++]]); j += 1; }
    else {
      const removed = j >= after.length || (i < before.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1]);
      lines.push(removed ? ["-", before[i++]] : ["+", after[j++]]);
    }
  }
  return lines;
}

/** Header fields as lines that can be compared: order and letter case mean nothing. */
const fieldLines = headers => headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`).sort();

const LOOKS = { "+": "plus", "-": "minus", " ": "kept" };

function headerDifference(before, after) {
  const lines = differingLines(fieldLines(before), fieldLines(after)), changed = lines.filter(([mark]) => mark !== " ");
  const rows = changed.map(([mark, line]) => {
    const colon = line.indexOf(": ");
    return h(`tr.${LOOKS[mark]}`, {}, h("td", {}, mark), h("td", {}, line.slice(0, colon)), h("td", {}, line.slice(colon + 2)));
  });
  const same = h("span.muted", {}, t("sameHeaders", lines.length - changed.length));
  return part(heading(t("headers"), same), rows.length ? table(".changed", rows) : null);
}

/** Bodies as lines, JSON as it would be printed. */
function bodyDifference(before, after) {
  const same = before.data.length === after.data.length && before.data.every((byte, index) => byte === after.data[index]);
  const binary = before.text === null || after.text === null;
  const content = same ? quietly(t("sameBody")) : binary ? quietly(t("binaryBodies"))
    : h("div.box.lines", {}, ...folded(differingLines(printed(before.text), printed(after.text))));
  return part(heading(t("body")), content);
}

function printed(text) {
  const value = parsed(text);
  return (value === undefined ? text : JSON.stringify(value, null, 2)).split("\n");
}

/** Lines with three of context around each change. */
function folded(lines) {
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - 3), index + 4).some(([mark]) => mark !== " "));
  const shown = [];
  for (let index = 0; index < lines.length; index += 1) {
    if (near[index]) { shown.push(h(`div.${LOOKS[lines[index][0]]}`, {}, lines[index].join(" "))); continue; }
    const begin = index;
    while (index + 1 < lines.length && !near[index + 1]) index += 1;
    shown.push(index === begin ? h("div", {}, lines[begin].join(" ")) : h("div.muted", {}, t("sameLines", index - begin + 1)));
  }
  return shown;
}
