import type { ChartBox } from "@/lib/directory/charts/schema";

export const BOX = { width: 240, height: 92 } as const;
const GAP = { x: 48, y: 12 } as const;
/** Space around the boxes for the focus ring. */
const MARGIN = 8;

/** A visible box with its position. */
export type Placed = ChartBox & {
  readonly x: number;
  readonly y: number;
  /** From 1, like `position`. */
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  /** Index of the parent box. */
  readonly parent: number | null;
  /** State of the children: shown, folded, omitted from the data because there are too many, or none. */
  readonly children: "shown" | "folded" | "omitted" | "none";
};

export type Layout = { readonly boxes: readonly Placed[]; readonly width: number; readonly height: number };

/**
 * Places boxes from left to right by level. A parent is beside its first child, so that both are visible at the
 * start.
 *
 * @param folded ids whose children are hidden
 */
export function layOut(all: readonly ChartBox[], folded: ReadonlySet<string>): Layout {
  const known = new Set(all.map(({ id }) => id));
  const childrenOf = Map.groupBy(all, ({ parentId }) =>
    parentId !== null && known.has(parentId) ? parentId : null,
  );
  const boxes: Placed[] = [];
  let bottom: number = MARGIN;
  const place = (siblings: readonly ChartBox[], level: number, parent: number | null): void => {
    for (const [index, box] of siblings.entries()) {
      const below = childrenOf.get(box.id) ?? [];
      const isFolded = folded.has(box.id);
      const children =
        box.childCount === 0 ? "none" : below.length === 0 ? "omitted" : isFolded ? "folded" : "shown";
      const own = boxes.length;
      const at = { x: MARGIN + (level - 1) * (BOX.width + GAP.x), y: bottom };
      boxes.push({ ...box, ...at, level, position: index + 1, siblings: siblings.length, parent, children });
      if (children !== "shown") {
        bottom += BOX.height + GAP.y;
      } else place(below, level + 1, own);
    }
  };
  place(childrenOf.get(null) ?? [], 1, null);
  const deepest = Math.max(0, ...boxes.map(({ level }) => level));
  return {
    boxes,
    width: 2 * MARGIN + deepest * (BOX.width + GAP.x) - GAP.x,
    height: Math.max(0, bottom - GAP.y) + MARGIN,
  };
}

/** Returns the SVG path from a box to its child. */
export function lineBetween(from: Placed, to: Placed): string {
  const middle = to.x - GAP.x / 2;
  return `M${from.x + BOX.width} ${from.y + BOX.height / 2}H${middle}V${to.y + BOX.height / 2}H${to.x}`;
}

/** A key's effect: focus another box, fold or unfold children, or open a department. */
export type Move =
  | { readonly to: number }
  | { readonly fold: string }
  | { readonly unfold: string }
  | { readonly into: string };

function onEnter({ id, children }: Placed): Move | null {
  if (children === "shown") return { fold: id };
  if (children === "folded") return { unfold: id };
  return children === "omitted" ? { into: id } : null;
}

/** Returns a key's effect, with the same keys as in the tree; `null` for other keys. */
export function moveFor(key: string, boxes: readonly Placed[], at: number): Move | null {
  const box = boxes[at];
  if (!box) return null;
  if (key === "ArrowDown") return { to: Math.min(at + 1, boxes.length - 1) };
  if (key === "ArrowUp") return { to: Math.max(at - 1, 0) };
  if (key === "Home") return { to: 0 };
  if (key === "End") return { to: boxes.length - 1 };
  if (key === "Enter" || key === " ") return onEnter(box);
  if (key === "ArrowRight") return box.children === "shown" ? { to: at + 1 } : onEnter(box);
  if (key !== "ArrowLeft") return null;
  if (box.children === "shown") return { fold: box.id };
  return box.parent === null ? null : { to: box.parent };
}
