/** Returns by month as a heat map of years and months, with the values printed: it is its own table. */
import type { BacktestResult } from '@quantbot/core';
import { html, type Markup } from '../../report/html/markup.ts';
import { formatReturn } from '../../report/page/format.js';
import { toRampClass } from '../../report/page/ramp.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DECEMBER = 12;

type Months = ReadonlyMap<string, number>;

export function renderMonthlySection({ monthly_returns: months }: BacktestResult): Markup {
  const known: Months = new Map(months.map(({ month, net_return }) => [month, net_return]));
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))].sort();
  const largest = months.reduce((most, { net_return }) => Math.max(most, Math.abs(net_return)), 0);
  return html`<section id="monthly">
    <header><h2>Returns by month</h2></header>
    <p class="lead">
      Change of equity over each UTC month, blue up and orange down. The first and the last may be incomplete; a year compounds its months.
    </p>
    ${
      years.length === 0
        ? html`<p class="empty">No month of data.</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-label="Returns by month">
            <table class="heat monthly" aria-label="Net return of each month">
              <thead>
                <tr>
                  <th class="corner">Year</th>
                  ${[...MONTHS, 'Year'].map((name) => html`<th scope="col">${name}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${years.map((year) => renderYear(year, known, largest))}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}

function renderYear(year: string, known: Months, largest: number): Markup {
  const values = Array.from({ length: DECEMBER }, (_, index) => known.get(`${year}-${String(index + 1).padStart(2, '0')}`) ?? null);
  const whole = values.reduce<number>((growth, value) => growth * (1 + (value ?? 0)), 1) - 1;
  return html`<tr>
    <th scope="row">${year}</th>
    ${values.map((value, index) => renderMonth(value, `${MONTHS[index] ?? ''} ${year}`, largest))}
    <td class="whole-year ${whole > 0 ? 'gain' : whole < 0 ? 'loss' : ''}">${formatReturn(whole)}</td>
  </tr>`;
}

function renderMonth(value: number | null, name: string, largest: number): Markup {
  if (value === null) return html`<td class="no-month" aria-label="${name}: no data"></td>`;
  return html`<td class="${toRampClass(value, largest)}" title="${name}">${formatReturn(value)}</td>`;
}
