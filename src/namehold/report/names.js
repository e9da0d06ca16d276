// Search, filters, order and portions of the table of names. Without it the table is whole and in the order of the page.
// While the page is read, the table is hidden, so that a browser needn't lay out thousands of rows.
document.documentElement.className = "reading";
addEventListener("DOMContentLoaded", () => {
  const find = (id) => document.getElementById(id);
  const table = find("names-table"), body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  const search = find("search"), more = find("more"), tally = find("tally");
  const filters = [...find("controls").querySelectorAll("select")];
  const collator = new Intl.Collator("en", { numeric: true });
  const PORTION = 100;
  // A reason that many names share stands once, below the table; here it moves to where it belongs.
  const reasons = [...document.querySelectorAll("#reasons li")].map((reason) => reason.textContent);
  for (const shared of body.querySelectorAll("p[class]")) shared.textContent = reasons[shared.className.slice(1) - 1];
  const rows = [...body.rows].map((row) => ({
    row,
    cells: Array.from(row.cells, (cell, column) => (column ? cell : cell.firstChild.firstChild).textContent.trim()),
    text: row.textContent.toLowerCase(),
  }));
  // The percentage of a chance; what somebody asked for has none, and comes before all others.
  const share = (text) => parseFloat(/([\d.]+) %/.exec(text)?.[1] ?? 101);
  let order = { column: -1, sign: 1 }, limit = PORTION;

  // A name is found however it is spelled (PEP 503); reasons may hold the other spellings.
  const has = (text, word) => text.includes(word) || text.includes(word.replace(/[-_.]+/g, "-"));

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = filters.filter((filter) => filter.value).map((filter) => [Number(filter.dataset.column), filter.value]);
    const found = rows.filter(
      (row) =>
        words.every((word) => has(row.text, word)) && wanted.every(([column, value]) => row.cells[column] === value),
    );
    const { column, sign } = order;
    if (column >= 0) {
      const isShare = column === heads.length - 1;
      found.sort((one, other) => {
        const [a, b] = [one.cells[column], other.cells[column]];
        return sign * (isShare ? share(a) - share(b) : collator.compare(a, b));
      });
    }
    body.replaceChildren(...found.slice(0, limit).map(({ row }) => row));
    more.hidden = found.length <= limit;
    const shown = Math.min(limit, found.length);
    tally.textContent = `${found.length} of ${rows.length} names match` + (more.hidden ? "." : `; the first ${shown} are shown.`);
  };
  const again = () => {
    limit = PORTION;
    show();
  };

  for (const filter of filters) {
    const column = Number(filter.dataset.column);
    const values = [...new Set(rows.map((row) => row.cells[column]))].filter(Boolean).sort(collator.compare);
    filter.append(...values.map((value) => new Option(value, value)));
    filter.addEventListener("change", again);
  }
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      const first = column === heads.length - 1 ? -1 : 1;
      order = { column, sign: order.column === column ? -order.sign : first };
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order.sign > 0 ? "ascending" : "descending");
      again();
    });
    head.replaceChildren(button);
  });
  search.addEventListener("input", again);
  more.addEventListener("click", () => {
    const next = limit;
    limit += PORTION;
    show();
    body.rows[next]?.querySelector("summary").focus();
  });
  // Paper shows the rows that need a decision, whatever is filtered on the screen.
  addEventListener("beforeprint", () => body.replaceChildren(...rows.map(({ row }) => row)));
  addEventListener("afterprint", show);
  find("controls").hidden = tally.hidden = false;
  show();
  document.documentElement.className = "";
});
