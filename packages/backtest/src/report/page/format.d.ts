/** Types of format.js for the TypeScript side of the report. */
export function formatCount(value: number): string;
export function formatMoney(value: number): string;
export function formatProfit(value: number): string;
export function formatCompact(value: number): string;
export function formatShare(fraction: number): string;
export function formatReturn(fraction: number): string;
export function formatMultiple(value: number): string;
export function formatNumber(value: number): string;
export function formatPrice(value: number): string;
export function formatHours(hours: number): string;
export function formatTime(ms: number): string;
export function formatDate(ms: number): string;
export function formatDuration(ms: number): string;
export function formatParams(params: { readonly tp_mult: number; readonly sl_mult: number; readonly max_hold_hrs: number }): string;
