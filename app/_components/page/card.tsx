import type { ReactNode } from "react";
import classes from "./card.module.css";

type Props = {
  /** Link target. */
  readonly id?: string;
  readonly title?: string;
  readonly isDanger?: boolean;
  readonly children: ReactNode;
};

/** A section of a page, with a border and an optional heading. */
export function Card({ id, title, isDanger = false, children }: Props) {
  return (
    <section id={id} className={classes.card} data-danger={isDanger || undefined}>
      {title && <h2>{title}</h2>}
      {children}
    </section>
  );
}
