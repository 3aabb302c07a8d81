import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Link } from "@/app/_components/navigation/link";
import { findSignedIn } from "@/lib/auth/require-actor";
import { safePath } from "@/lib/auth/safe-path";
import { isSignUpOpen } from "@/lib/organizations/sign-up-policy";
import classes from "../auth.module.css";
import { SignInForm } from "./sign-in-form";

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const next = safePath((await searchParams).next);
  if (await findSignedIn()) redirect(next);
  const t = await getTranslations("auth");
  return (
    <section className={classes.card}>
      <title>{`${t("signIn")} – Dingkeep`}</title>
      <h1>{t("signIn")}</h1>
      <SignInForm next={next} />
      {(await isSignUpOpen()) && (
        <p className={classes.aside}>
          {t("noAccount")} <Link href="/sign-up">{t("signUp")}</Link>
        </p>
      )}
    </section>
  );
}
