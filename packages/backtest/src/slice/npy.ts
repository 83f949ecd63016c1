/** The .npy format, version 1.0, for one-dimensional columns: 128 bytes of header, then the numbers, little-endian. */

export const NPY_HEADER_BYTES = 128;

export type NpyType = '<f8' | '<i8';

/** The header names the number of rows, so it is written again when that is known; its size never changes. */
export function toNpyHeader(dtype: NpyType, rows: number): Buffer {
  const header = Buffer.alloc(NPY_HEADER_BYTES, ' ');
  header.write('\x93NUMPY\x01\x00', 0, 'latin1');
  header.writeUInt16LE(NPY_HEADER_BYTES - 10, 8);
  header.write(`{'descr': '${dtype}', 'fortran_order': False, 'shape': (${String(rows)},), }`, 10, 'latin1');
  header.write('\n', NPY_HEADER_BYTES - 1, 'latin1');
  return header;
}
