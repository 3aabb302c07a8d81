import Link from "next/link";
import type { ReactNode } from "react";
import classes from "./message-page.module.css";

type Props = {
  readonly title: string;
  readonly sentence: string;
  readonly link: string;
  readonly children?: ReactNode;
};

/** A page that says one thing and leads on. */
export function MessagePage({ title, sentence, link, children }: Props) {
  return (
    <main id="main" className={classes.main}>
      <h1>{title}</h1>
      <p>{sentence}</p>
      {children}
      <Link href="/">{link}</Link>
    </main>
  );
}
