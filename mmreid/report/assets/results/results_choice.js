'use strict';
// Which queries are wanted, and in which order; which two models are compared.
const choice = (() => {
  const isIn = (model, q) => model.rank[q] !== null;

  // The model that queries are sorted by, and the one that it is compared with.
  function pair(data, wanted) {
    const by = data.models[Number(wanted.by)] ?? data.models[0];
    const chosen = data.models[Number(wanted.against)];
    const other = chosen && chosen !== by ? chosen : data.models.find((model) => model !== by);
    return { by, other: data.comparable ? other : undefined };
  }

  // Points of average precision that the other model has more; null where there are none.
  function ahead({ by, other }, q) {
    return other && isIn(by, q) && isIn(other, q) ? 100 * (other.precision[q] - by.precision[q]) : null;
  }

  // Numbers of the queries that are wanted, in order.
  function choose(data, wanted) {
    const both = pair(data, wanted);
    const { by } = both;
    const words = wanted.search.toLowerCase();
    const rows = data.paths.map((_, q) => q).filter((q) => {
      if (wanted.camera !== '' && String(data.cameras[q]) !== wanted.camera) return false;
      if (wanted.person !== '' && String(data.persons[q]) !== wanted.person.trim()) return false;
      if (words && !data.paths[q].toLowerCase().includes(words) && String(data.persons[q]) !== words) return false;
      return fits(data, by, q, wanted.answer);
    });
    const value = (q) => by.precision[q];
    const more = (q) => ahead(both, q) ?? 0;
    const last = (a, b) => (isIn(by, b) ? 1 : 0) - (isIn(by, a) ? 1 : 0);
    const orders = {
      low: (a, b) => last(a, b) || value(a) - value(b),
      high: (a, b) => last(a, b) || value(b) - value(a),
      late: (a, b) => last(a, b) || by.rank[b] - by.rank[a],
      camera: (a, b) => data.cameras[a] - data.cameras[b] || data.persons[a] - data.persons[b],
      person: (a, b) => data.persons[a] - data.persons[b] || data.cameras[a] - data.cameras[b],
      differ: (a, b) => last(a, b) || Math.abs(more(b)) - Math.abs(more(a)),
      second: (a, b) => last(a, b) || more(b) - more(a),
      first: (a, b) => last(a, b) || more(a) - more(b),
    };
    return orders[wanted.sort] ? rows.sort((a, b) => orders[wanted.sort](a, b) || a - b) : rows;
  }

  function fits(data, by, q, answer) {
    if (answer === 'explained') return data.explained.includes(q);
    if (answer === 'out') return !isIn(by, q);
    if (answer === 'right') return by.rank[q] === 1;
    if (answer === 'wrong') return isIn(by, q) && by.rank[q] > 1;
    if (answer === 'mixed') return new Set(data.models.map((model) => model.rank[q] === 1)).size > 1;
    return true;
  }

  // Mean average precision of some queries, in percent; null where all are left out.
  function mean(model, rows) {
    const known = rows.filter((q) => isIn(model, q));
    return known.length ? 100 * known.reduce((sum, q) => sum + model.precision[q], 0) / known.length : null;
  }

  // Those that have room in the list: all of a few, else the two that are compared.
  function listed(data, wanted) {
    if (data.models.length <= 3) return data.models;
    const { by, other } = pair(data, wanted);
    return other ? [by, other] : [by];
  }

  return { isIn, pair, ahead, choose, mean, listed };
})();
