import type { ReactNode } from "react";
import { LinkButton } from "../navigation/link-button";
import classes from "./message-page.module.css";

type Props = {
  readonly title: string;
  readonly sentence: string;
  /** What the way back to the start is called. */
  readonly link: string;
  /** What can be done here; the way back is second to it then. */
  readonly action?: ReactNode;
  readonly children?: ReactNode;
};

/** A page that says one thing and leads on. */
export function MessagePage({ title, sentence, link, action, children }: Props) {
  return (
    <main id="main" tabIndex={-1} className={classes.main}>
      <p className={classes.product}>Dingkeep</p>
      <section className={classes.card}>
        <h1>{title}</h1>
        <p>{sentence}</p>
        {children}
        <div className={classes.ways}>
          {action}
          <LinkButton href="/" variant={action ? "default" : "filled"}>
            {link}
          </LinkButton>
        </div>
      </section>
    </main>
  );
}
