// A node in one line, to be read by people, and never longer than people read.
import { toPlain, type ConfigNode, type PlainValue } from '../yaml/node.js';

/** Characters of one text or value that a reason keeps. */
const LIMIT = 500;

/** Like YAML's flow style; strings are quoted only where they could be mistaken for something else. */
export function flowText(node: ConfigNode): string {
  const writer = new Writer();
  writer.node(node, false);
  return cutText(writer.text);
}

/** A value as a reason keeps it: one that is too long is cut, lists and maps become text then. */
export function shortValue(node: ConfigNode): PlainValue {
  if (node.kind === 'scalar') return typeof node.value === 'string' ? cutText(node.value) : node.value;
  const text = flowText(node);
  return text.length > LIMIT ? text : toPlain(node);
}

export function cutText(text: string): string {
  return text.length > LIMIT ? `${text.slice(0, LIMIT)}…` : text;
}

/** Stops soon after the limit, however large the node is. */
class Writer {
  text = '';

  node(node: ConfigNode, nested: boolean): void {
    if (this.text.length > LIMIT) return;
    if (node.kind === 'scalar') {
      this.text += typeof node.value === 'string' ? quoted(node.value, nested) : String(node.value);
    } else if (node.kind === 'sequence') {
      this.text += '[';
      this.list(node.items, (item) => this.node(item, true));
      this.text += ']';
    } else {
      this.text += '{';
      this.list(node.entries, ([key, value]) => {
        this.text += `${key}: `;
        this.node(value, true);
      });
      this.text += '}';
    }
  }

  private list<Item>(items: Iterable<Item>, write: (item: Item) => void): void {
    let isFirst = true;
    for (const item of items) {
      if (this.text.length > LIMIT) return;
      if (!isFirst) this.text += ', ';
      isFirst = false;
      write(item);
    }
  }
}

function quoted(text: string, nested: boolean): string {
  const short = text.slice(0, LIMIT + 1);
  const isUnclear = /^(?:|-?[\d.]+|true|false|null)$|^\s|\s$|\n/.test(short);
  return isUnclear || (nested && /[,[\]{}]|: | #/.test(short)) ? JSON.stringify(short) : short;
}
