// @ts-check
/** Starts the page: reads the embedded figures and ties equity, candles and the table of trades together. */
import { part } from '../../report/page/elements.js';
import { initTheme } from '../../report/page/theme.js';
import { describeTrade, readBacktest } from './backtest-data.js';
import { createCandleChart } from './candle-chart.js';
import { createEquityPanes } from './equity-panes.js';
import { createExcursions } from './excursions.js';
import { createHistogram } from './return-histogram.js';
import { createTradeList } from './trade-list.js';

/** @param {string} id */
function findSection(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the report has no section "${id}"`);
  return found;
}

function startBacktest() {
  const data = readBacktest();
  const section = findSection('trades');
  /** @type {number | null} */
  let chosen = null;
  /** @param {number} row */
  const choose = (row) => {
    chosen = row;
    chart.show(row);
    list.mark(row);
    part(section, 'detail').textContent = describeTrade(data, row);
  };
  /** @param {number} row */
  const chooseFromElsewhere = (row) => {
    choose(row);
    section.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  };
  const chart = createCandleChart(section, data, choose);
  const list = createTradeList(section, data, { onChoose: choose, onFilter: chart.narrow });
  listenToJumps(section, (step) => {
    const next = findNext(list.order(), chosen, step);
    if (next !== null) choose(next);
  });
  const equity = createEquityPanes(findSection('equity'), data.curve, (ms) => {
    const row = findTradeAround(data.trades, ms);
    if (row !== null) chooseFromElsewhere(row);
  });
  const distribution = document.getElementById('distribution');
  const further =
    distribution === null
      ? []
      : [createHistogram(distribution, data.trades.netReturn), createExcursions(distribution, data.trades, chooseFromElsewhere)];
  initTheme(() => {
    equity.redraw();
    for (const each of [chart, ...further]) each.recolour();
  });
}

/** @param {Uint32Array} order @param {number | null} chosen @param {1 | -1} step */
function findNext(order, chosen, step) {
  const place = chosen === null ? -1 : order.indexOf(chosen);
  if (place < 0) return order[step === 1 ? 0 : order.length - 1] ?? null;
  return order[place + step] ?? null;
}

/** The first trade that is open at the moment or opens after it; the last if there is none. @param {import('./backtest-data.js').Trades} trades @param {number} ms */
function findTradeAround({ exitMs }, ms) {
  const row = exitMs.findIndex((exit) => exit >= ms);
  if (row >= 0) return row;
  return exitMs.length === 0 ? null : exitMs.length - 1;
}

/** @param {HTMLElement} section @param {(step: 1 | -1) => void} jump */
function listenToJumps(section, jump) {
  part(section, 'previous').addEventListener('click', () => {
    jump(-1);
  });
  part(section, 'next').addEventListener('click', () => {
    jump(1);
  });
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (isTyping || event.ctrlKey || event.metaKey) return;
    if (event.key === '[') jump(-1);
    else if (event.key === ']') jump(1);
  });
}

startBacktest();
