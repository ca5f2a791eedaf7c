import { styleText } from 'node:util';
import type { WriteStream } from 'node:tty';

export type Style = 'dim' | 'bold' | 'green' | 'yellow' | 'red';
export type Paint = (style: Style, text: string) => string;

/** Colours are for terminals, and for people who didn't set NO_COLOR. */
export function hasColours(stream: WriteStream): boolean {
  return stream.isTTY && stream.hasColors();
}

export function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text);
}

/** 1234567 → `1,234,567` */
export const grouped = (number: number): string => number.toLocaleString('en-US');

/** `1 delivery`, `1,200 running deliveries` */
export const deliveriesIn = (count: number, which = ''): string =>
  `${grouped(count)} ${which === '' ? '' : `${which} `}${count === 1 ? 'delivery' : 'deliveries'}`;

/** A terminal that doesn't know its width says 0. */
export const columnsOf = (stream: WriteStream): number => stream.columns || 80;

/** A file or a pipe is as wide as need be. */
export const widthOf = (stream: WriteStream): number => (stream.isTTY ? columnsOf(stream) : Infinity);
