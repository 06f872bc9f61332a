// QR codes (ISO/IEC 18004): bytes, error correction level M, versions 1 to 13.

const QR_CHECKS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22]; // Error correction bytes of each block, by version.
const QR_BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9];
const QR_MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x, y) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => ((x / 3 | 0) + (y >> 1)) % 2, (x, y) => x * y % 2 + x * y % 3,
  (x, y) => (x * y % 2 + x * y % 3) % 2, (x, y) => ((x + y) % 2 + x * y % 3) % 2,
];

/** The modules of a text as rows of booleans; null where it is longer than 331 bytes. */
function qrCode(text) {
  const data = new TextEncoder().encode(text);
  const version = QR_BLOCKS.findIndex((_, index) => data.length + (index < 9 ? 2 : 3) <= qrRoom(index + 1)) + 1;
  if (!version) return null;
  const words = qrInterleaved(qrWords(data, version), version);
  const candidates = QR_MASKS.map((_, mask) => qrDrawn(words, version, mask));
  return candidates.reduce((best, next) => qrPenalty(next) < qrPenalty(best) ? next : best);
}

const qrAlignments = version => {
  if (version === 1) return [];
  const last = version * 4 + 10;
  return version < 7 ? [6, last] : [6, (last + 6) / 2, last];
};

/** All bytes that a version has place for. */
function qrBytes(version) {
  const lines = qrAlignments(version).length;
  const modules = (16 * version + 128) * version + 64 - (lines ? (25 * lines - 10) * lines - 55 : 0) - (version > 6 ? 36 : 0);
  return modules >> 3;
}

const qrRoom = version => qrBytes(version) - QR_CHECKS[version - 1] * QR_BLOCKS[version - 1];

/** Mode, length, data, end and padding. */
function qrWords(data, version) {
  const length = [12, 8, 4, 0].slice(version > 9 ? 0 : 2).map(shift => data.length >> shift & 15);
  const nibbles = [4, ...length, ...[...data].flatMap(byte => [byte >> 4, byte & 15]), 0];
  const words = Array.from({ length: nibbles.length / 2 }, (_, index) => nibbles[2 * index] << 4 | nibbles[2 * index + 1]);
  for (let pad = 0xEC; words.length < qrRoom(version); pad ^= 0xEC ^ 0x11) words.push(pad);
  return words;
}

/** Blocks with their error correction, read column by column. */
function qrInterleaved(words, version) {
  const blocks = QR_BLOCKS[version - 1], checks = QR_CHECKS[version - 1];
  const short = Math.floor(words.length / blocks), long = words.length % blocks;
  let begin = 0;
  const parts = Array.from({ length: blocks }, (_, index) => {
    const part = words.slice(begin, begin += short + (index >= blocks - long ? 1 : 0));
    return { part, check: qrRemainder(part, checks) };
  });
  const columns = (key, length) => Array.from({ length }, (_, row) => parts.map(part => part[key][row])).flat();
  return [...columns("part", short + 1), ...columns("check", checks)].filter(word => word !== undefined);
}

/** The product in GF(256) over x⁸ + x⁴ + x³ + x² + 1. */
function qrProduct(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) product = product << 1 ^ (product >> 7) * 0x11D ^ (b >> bit & 1) * a;
  return product;
}

/** Reed and Solomon's remainder. */
function qrRemainder(data, degree) {
  let divisor = [1], root = 1;
  for (let power = 0; power < degree; power++, root = qrProduct(root, 2)) {
    divisor = [...divisor, 0].map((factor, index) => factor ^ qrProduct(divisor[index - 1] ?? 0, root));
  }
  const rest = new Array(degree).fill(0);
  for (const byte of data) {
    const factor = byte ^ rest.shift();
    rest.push(0);
    for (let index = 0; index < degree; index++) rest[index] ^= qrProduct(divisor[index + 1], factor);
  }
  return rest;
}

function qrDrawn(words, version, mask) {
  const side = 17 + 4 * version, rows = Array.from({ length: side }, () => new Array(side).fill(null));
  const set = (x, y, dark) => { if (rows[y]?.[x] !== undefined) rows[y][x] = !!dark; };
  const rings = (x, y, radius, light) => {
    for (let dy = -radius; dy <= radius; dy++) for (let dx = -radius; dx <= radius; dx++) {
      set(x + dx, y + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  };
  for (let place = 0; place < side; place++) set(6, place, place % 2 === 0), set(place, 6, place % 2 === 0);
  for (const [x, y] of [[3, 3], [side - 4, 3], [3, side - 4]]) rings(x, y, 4, [2, 4]);
  const lines = qrAlignments(version);
  for (const x of lines) for (const y of lines) if (!qrFinderAt(x, y, side)) rings(x, y, 2, [1]);
  qrFormat(set, side, mask);
  if (version > 6) qrVersion(set, side, version);
  qrData(rows, words, QR_MASKS[mask]);
  return rows;
}

const qrFinderAt = (x, y, side) => (x < 9 && y < 9) || (x < 9 && y > side - 9) || (x > side - 9 && y < 9);

/** A number with the remainder of its division by a generator, each a polynomial over GF(2). */
function qrChecked(number, generator, degree) {
  let rest = number;
  for (let bit = 0; bit < degree; bit++) rest = rest << 1 ^ (rest >> degree - 1) * generator;
  return number << degree | rest;
}

function qrFormat(set, side, mask) {
  const bits = qrChecked(mask, 0x537, 10) ^ 0x5412; // Level M is 00.
  for (let bit = 0; bit < 15; bit++) {
    const dark = bits >> bit & 1;
    set(...(bit < 6 ? [8, bit] : bit < 8 ? [8, bit + 1] : bit === 8 ? [7, 8] : [14 - bit, 8]), dark);
    set(...(bit < 8 ? [side - 1 - bit, 8] : [8, side - 15 + bit]), dark);
  }
  set(8, side - 8, true);
}

function qrVersion(set, side, version) {
  const bits = qrChecked(version, 0x1F25, 12);
  for (let bit = 0; bit < 18; bit++) {
    const near = Math.floor(bit / 3), far = side - 11 + bit % 3;
    set(near, far, bits >> bit & 1), set(far, near, bits >> bit & 1);
  }
}

/** Up and down in columns of two, from the right; the column of the timing pattern is left out. */
function qrData(rows, words, mask) {
  const side = rows.length;
  let bit = 0;
  for (let right = side - 1; right > 0; right -= right === 8 ? 3 : 2) {
    for (let step = 0; step < side; step++) for (const x of [right, right - 1]) {
      const y = (right + 1 & 2) === 0 ? side - 1 - step : step;
      if (rows[y][x] === null) rows[y][x] = !!((words[bit >> 3] >> 7 - (bit++ & 7) & 1) ^ (mask(x, y) === 0));
    }
  }
}

/** How hard a pattern is to read: long runs, and what looks like a finder. */
function qrPenalty(rows) {
  const columns = rows.map((_, x) => rows.map(row => row[x]));
  const lines = [...rows, ...columns].map(line => line.map(Number).join("")).join(" ");
  const runs = lines.match(/0{5,}|1{5,}/g) ?? [], finders = lines.match(/(?=10111010000|00001011101)/g) ?? [];
  return runs.reduce((sum, run) => sum + run.length - 2, 40 * finders.length);
}

/** The code as a picture with the margin that readers need; null where the text is too long. */
function qrPicture(text) {
  const rows = qrCode(text);
  if (!rows) return null;
  const path = rows.flatMap((row, y) => row.map((dark, x) => dark ? `M${x + 4} ${y + 4}h1v1h-1z` : "")).join("");
  const viewBox = `0 0 ${rows.length + 8} ${rows.length + 8}`;
  return svg("svg", { viewBox, role: "img", "aria-label": text, "shape-rendering": "crispEdges" }, svg("path", { d: path }));
}
