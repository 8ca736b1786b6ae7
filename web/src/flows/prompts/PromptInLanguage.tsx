import { useTranslation } from "react-i18next";
import { Moment } from "../../ui/Moment";
import { PromptRecording } from "./PromptRecording";
import { PromptVersions } from "./PromptVersions";
import { PromptWords } from "./PromptWords";
import { type PromptLanguage, type PromptListing, soundUrl } from "./prompts";
import { type PromptSound } from "./states";
import { SoundFacts } from "./SoundFacts";

interface Props {
  id: string;
  language: PromptLanguage;
  sound: PromptSound | undefined;
  listing: PromptListing;
  canWrite: boolean;
}

/** One language of a prompt: what callers hear now, and the ways to change it. */
export function PromptInLanguage({ id, language, sound, listing, canWrite }: Props) {
  const { t } = useTranslation();
  const name = t(`prompts.language.${language}`);
  const voice = listing.voices.find((one) => one.language === language);
  const version = sound?.version ?? 0;
  return (
    <section className="prompt-panel" data-testid={`prompt-${language}`}>
      <h2>{name}</h2>
      {sound ? (
        <>
          <p className="prompt-text" data-testid="prompt-text">
            {sound.text || <span className="quiet">{t("prompts.noText")}</span>}
          </p>
          <p>
            <SoundFacts sound={sound} />
          </p>
          {sound.source !== "missing" && (
            <audio
              controls
              preload="none"
              src={soundUrl(id, language, { at: `${version}-${sound.seconds}` })}
              aria-label={`${id} ${name}`}
              className="prompt-audio"
            >
              <track kind="captions" />
            </audio>
          )}
          <p className="quiet">
            {t("prompts.target", { level: listing.level, tolerance: listing.tolerance })}
            {sound.voice && ` ${t("prompts.voice", { voice: sound.voice })}`}
            {sound.at && (
              <>
                {" "}
                {t("prompts.changedBy", { by: sound.by || "—" })} <Moment iso={sound.at} />
              </>
            )}
          </p>
        </>
      ) : (
        <p className="quiet">{t("prompts.notInLanguage", { language: name })}</p>
      )}
      {canWrite && (
        <>
          <PromptWords key={`words ${version}`} id={id} language={language} sound={sound} trouble={voice?.trouble ?? ""} />
          <PromptRecording key={`recording ${version}`} id={id} language={language} sound={sound} longest={listing.longest} mostBytes={listing.most_bytes} />
        </>
      )}
      {sound && <PromptVersions id={id} language={language} version={version} canWrite={canWrite} />}
    </section>
  );
}
