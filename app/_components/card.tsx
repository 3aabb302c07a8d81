import type { ReactNode } from "react";
import classes from "./card.module.css";

type Props = { readonly title?: string; readonly isDanger?: boolean; readonly children: ReactNode };

/** A section of a page on its own surface. */
export function Card({ title, isDanger = false, children }: Props) {
  return (
    <section className={classes.card} data-danger={isDanger || undefined}>
      {title && <h2>{title}</h2>}
      {children}
    </section>
  );
}
