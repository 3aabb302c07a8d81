import type { ReactNode } from "react";
import { LinkButton } from "../navigation/link-button";
import classes from "./message-page.module.css";

type Props = {
  readonly title: string;
  readonly sentence: string;
  /** Label of the link to the start page. */
  readonly link: string;
  /** The primary action. With one, the link to the start page becomes secondary. */
  readonly action?: ReactNode;
  readonly children?: ReactNode;
};

/** A full page for one message, such as an error. */
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
