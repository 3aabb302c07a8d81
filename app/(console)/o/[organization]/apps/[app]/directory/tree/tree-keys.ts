import { parentIndexOf, type Row } from "./tree-rows";

/** A key's action in the tree (ARIA tree pattern, single selection). */
export type Intent =
  | { readonly type: "focus"; readonly index: number }
  | {
      readonly type:
        | "open"
        | "close"
        | "select"
        | "enter"
        | "open-siblings"
        | "search"
        | "leave"
        | "to-detail";
    }
  | { readonly type: "type"; readonly text: string };

export type KeyPress = {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
};

const focus = (index: number): Intent => ({ type: "focus", index });

function rightward(rows: readonly Row[], index: number): Intent | null {
  const row = rows[index];
  if (row?.kind !== "department" || !row.hasChildren) return null;
  if (!row.isOpen) return { type: "open" };
  return rows[index + 1]?.parent === row.key ? focus(index + 1) : null;
}

function leftward(rows: readonly Row[], index: number): Intent | null {
  const row = rows[index];
  if (row?.kind === "department" && row.isOpen) return { type: "close" };
  const parent = parentIndexOf(rows, index);
  return parent >= 0 ? focus(parent) : null;
}

const isOneCharacter = (key: string) => Array.from(key).length === 1;

/**
 * Returns a key's action.
 *
 * @param index of the focused row
 * @returns `null` for keys of the browser and of an input method that is composing
 */
export function intentOf(press: KeyPress, rows: readonly Row[], index: number): Intent | null {
  const { key } = press;
  if (press.isComposing || press.ctrlKey || press.metaKey || press.altKey) return null;
  switch (key) {
    case "ArrowDown":
      return index + 1 < rows.length ? focus(index + 1) : null;
    case "ArrowUp":
      return index > 0 ? focus(index - 1) : null;
    case "ArrowRight":
      return rightward(rows, index);
    case "ArrowLeft":
      return leftward(rows, index);
    case "Home":
      return focus(0);
    case "End":
      return focus(rows.length - 1);
    case "Enter":
      return { type: "enter" };
    case " ":
      return { type: "select" };
    case "*":
      return { type: "open-siblings" };
    case "/":
      return { type: "search" };
    case "Escape":
      return { type: "leave" };
    case "F6":
      return { type: "to-detail" };
    default:
      return isOneCharacter(key) ? { type: "type", text: key } : null;
  }
}

/** Keys whose browser default (scrolling, quick find) is prevented even when they do nothing here. */
export const TREE_KEYS: ReadonlySet<string> = new Set([
  "ArrowDown",
  "ArrowUp",
  "ArrowRight",
  "ArrowLeft",
  "Home",
  "End",
  "Enter",
  " ",
  "/",
  "F6",
]);
