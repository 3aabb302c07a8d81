import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Notice } from "@/app/_components/feedback/notice";
import { Link } from "@/app/_components/navigation/link";
import { findSignedIn } from "@/lib/auth/require-actor";
import { isSignUpOpen } from "@/lib/organizations/sign-up-policy";
import classes from "../auth.module.css";
import { SignUpForm } from "./sign-up-form";

/** Signed-in users only need to name another organization. */
export default async function SignUpPage() {
  if (await findSignedIn()) redirect("/organizations/new");
  const t = await getTranslations("auth");
  const isOpen = await isSignUpOpen();
  return (
    <section className={classes.card}>
      <title>{`${t("signUp")} – Dingkeep`}</title>
      <h1>{t("signUp")}</h1>
      {isOpen ? <SignUpForm /> : <Notice tone="neutral">{t("closed")}</Notice>}
      <p className={classes.aside}>
        {t("haveAccount")} <Link href="/sign-in">{t("signIn")}</Link>
      </p>
    </section>
  );
}
