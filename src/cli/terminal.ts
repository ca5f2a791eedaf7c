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

/** `1 delivery`, `1,200 deliveries` */
export const deliveriesIn = (count: number): string => `${grouped(count)} ${count === 1 ? 'delivery' : 'deliveries'}`;

/** A terminal that doesn't know its width says 0. */
export const columnsOf = (stream: WriteStream): number => stream.columns || 80;
