import type { StarterFacts, Starters } from './policies.placeholders.ts'
import { fact, placeholder } from './policies.placeholders.ts'

const SETTINGS = 'Instance settings'

const review = (what: string) => `> ${placeholder(`Review this ${what} and remove this note`)}
> This is a starting point, not legal advice. It says what the software does. What you do with it, why you may, and what your law asks
> for, only you know: check every line, have it checked if you can, and fill in every place marked “TO DO” before you publish.
`

/** Minutes in the largest unit that they are whole in. */
function span(minutes: number): string {
  const [length, unit] = ([
    [1440, 'day'],
    [60, 'hour'],
    [1, 'minute'],
  ] as const).find(([length]) => minutes % length === 0)!
  const count = minutes / length
  return `${count} ${unit}${count === 1
    ? ''
    : 's'}`
}

const organisation = (facts: StarterFacts) => fact(facts.organisation, `Name of the organisation (${SETTINGS} → Organisation)`)
const contact = (facts: StarterFacts) => fact(facts.contactEmail, `Contact e-mail (${SETTINGS} → Contact e-mail)`)
const address = (facts: StarterFacts) => fact(facts.postalAddress, `Postal address (${SETTINGS} → Postal address)`)

export const englishStarters: Starters = {
  privacy: facts => ({
    title: 'Privacy policy',
    markdown: `${review('policy')}
## Who is responsible

${organisation(facts)}, ${address(facts)}, runs this service at <${facts.publicUrl}> and is responsible for the personal data in it.

Questions, and everything about your rights: ${contact(facts)}

${placeholder('Data protection officer or representative, if you have one; else remove this line')}

## What the service is for

We use it to send files to people and to work on files together. It runs on ClientShare, software that we host ourselves. Its pages load
nothing from other companies: no analytics, no advertising, no fonts or scripts from elsewhere.

## What is recorded

| What | Which data | Why | How long |
| --- | --- | --- | --- |
| Accounts | Name, e-mail address and since when it is proved, for some days the one before, language, a picture where they chose one (512 pixels, without what the camera wrote into it); the password only as an Argon2id hash, from which it cannot be read back | To let people sign in and to show who did what | As long as the account exists |
| Membership and invitations | Who belongs to which workspace with which role, who invited whom; the e-mail address if an invitation is bound to one | To decide who may see what | As long as the workspace exists |
| Signing in by a provider, if you do | Who you are there (its identifier for you, and the address or name that it tells), when you connected and last came by it | To let you in by its word | Until you disconnect it, or as long as the account exists |
| Second factors, if you set one up | The secret of an authenticator app, encrypted; recovery codes only as hashes; the public part of passkeys, with the name you gave them; when each was set up and last used | To let nobody in who only has your password | Until you remove them, or as long as the account exists |
| Sessions | IP address, browser (user agent), time of sign-in and of last use; the session's secret only as a hash; a hash of what the browser is known by | To keep you signed in, to end sessions that are not yours, and to tell you of a sign-in from another browser | A session ends ${span(facts.sessionIdleMinutes)} after its last use at the latest${facts.sessionTotalMinutes === null
      ? ''
      : `, ${span(facts.sessionTotalMinutes)} after the sign-in`}, or when you sign out; what is kept of it goes ${facts.endedSessionDays} days later, and what the browser is known by ${facts.deviceDays} days after its last sign-in |
| Sign-ins of those who manage a workspace or this server | The networks that they signed in from (the first part of the IP address), and when last | To tell the others of a sign-in from a network that is new | ${facts.networkDays} days after the last sign-in from there |
| Counts of an hour | How often somebody downloaded or deleted files, or was refused at a link or an account | To alert administrators of much of it | Two days |
| Announcements that you agreed to | To which kinds, when and where you agreed | To write to nobody who did not | Until you withdraw it; the audit log keeps that you did |
| Access tokens | What a person's programs come with: the name that the person gave it, what it may do, when it was made and ends, when and from which IP address it was last used; the token only as a hash | To let programs work in the person's name, and to see which do | Until the person ends it, or 30 days after it expired |
| Accounts that are not finished | The e-mail address; the link that finishes it only as a hash | To let people make an account where the operator lets them | One day |
| Files | The files themselves with all their versions, their names, sizes, checksums and types, who uploaded them and when | This is the service | Until they are deleted for ever. What is deleted goes to the trash first, where members can restore it or delete it for ever |
| Secure links | What a link shares, who made it, its settings (a password only as a hash), how often it was opened and downloaded, and when last | To share files with people who have no account, within the limits that were set | As long as the workspace exists |
| Visits to a secure link | Each opening, each download and each refused attempt, for example a wrong password, with time, IP address and browser | To prove who received what, and to notice misuse | With the audit log |
| Audit log | Who did what with what and when, from which IP address and browser. It cannot be changed afterwards: each line is chained to the one before | To prove what happened, and to protect the files | Until the workspace is deleted |
| Failed attempts | How often a sign-in or a link's password failed, by account or link and by IP address | To slow down guessing | Until the attempts no longer count |
| Requests for access or support | Name, e-mail address, company if given, message, time, IP address, browser; who handled the request and when | To answer you, and to notice misuse | Until it is handled: ${facts.answeredRequestDays} days after the answer, or ${facts.spamRequestDays} days after it was marked as spam. The audit log keeps that a request came, when, and from which IP address and browser; neither name, e-mail address nor message |
| Announcements | Which announcements you have put away, and when | To show you each no longer than you want | As long as the account exists |
| Notifications | What happened that concerns you, told in the app: who did it, to which file, folder or link; whether you have read it; what you chose to be told of and how, and your time zone | To tell you what happens | ${facts.notificationDays} days; what you chose, as long as the account exists |
| Mails | To which address which mail was sent, with its subject and the names in it, when, and what the mail server answered; what opens something only encrypted. Addresses that a mail server said do not exist | To tell you what you have to know, to find out why a mail did not arrive, and to write to nobody who is not there | ${facts.mailDays} days; an address that does not exist, until an operator allows it again |
| Requests under way | Unfinished uploads and downloads, and the answers to recent requests, so that they can be resumed or repeated | To survive a lost connection | Until they are finished or have expired |
| Server log | Time, IP address, kind of request and its result; no secrets of links | To find faults and attacks | ${placeholder('How long you keep the output of the server')} |

Owners and admins of a workspace can read its audit log. Those who run the service have technical access to all that it stores.

## Cookies and storage in your browser

We set only what the service needs in order to work; nothing follows you.

| Name | What for | How long |
| --- | --- | --- |
| \`${facts.sessionCookie}\` (cookie) | Keeps you signed in. Set when you sign in | ${facts.endedSessionDays} days after the session's end |
| \`${facts.deviceCookie}\` (cookie) | Says that you have signed in with this browser before, so that we tell you of a sign-in from another. Set when you sign in, and no part of it is shown to anybody | ${facts.deviceDays} days after the last sign-in |
| \`${facts.codeCookie}\` (cookie) | Ties a code that we mail you for a sign-in to the browser in which you asked for it. Set when you ask for one | ${facts.codeMinutes} minutes, or until you are signed in |
| \`${facts.linkCookie}\` (cookie) | Remembers that you opened a link with its password. Set for that link only | ${facts.linkMinutes} minutes |
| Local storage | Your choices on this device, such as language, colours and the last workspace; uploads that can be resumed | Until you clear it |

## Why we may

${placeholder('Check the legal bases below against your own situation and law; they are suggestions after the GDPR')}

- Accounts, files, links: to perform a contract with you or with the organisation that you act for (Art. 6 (1) (b) GDPR), or our
  legitimate interest in working with you (Art. 6 (1) (f)).
- Requests for access or support: steps that you ask for before a contract (Art. 6 (1) (b)), or our legitimate interest in answering you
  (Art. 6 (1) (f)).
- Sessions, the audit log, failed attempts, the server log: our legitimate interest in a secure service and in proof of what was delivered
  to whom (Art. 6 (1) (f)), and our duty to keep data secure (Art. 32).
- Cookies and storage: strictly necessary for what you asked for.

## Who else receives data

The members of a workspace see its files according to their role. Whoever holds a secure link sees what it shares. Beyond that:
${placeholder('Your hosting provider, your backups, others who process data for you, and whether data leaves your country or the EEA')}

We do not sell data, and no decisions are made about you by automated means.

## Your rights

You may ask us what we hold about you, have it corrected or deleted, have its use restricted, receive it in a portable form, and object to
its use. Where you gave consent you may withdraw it. Write to ${contact(facts)}. Some data, such as the audit log, we may have to keep as
proof; we will tell you if so.

You may also complain to a supervisory authority: ${placeholder('Name of your data protection authority')}

## Changes

The day on which this version takes effect stands on top of this page. Earlier versions stay readable there.
`,
  }),

  terms: facts => ({
    title: 'Terms of use',
    markdown: `${review('text')}
## What this is

${organisation(facts)} provides this service at <${facts.publicUrl}> for exchanging files with its clients and partners.

## Your account

Keep your password to yourself, and tell us at once if somebody else may know it: ${contact(facts)}. Use the service only for the work for
which you were invited. We may end access that is misused.

## Files

What you upload stays yours, or whoever's it was. You confirm that you may share it. Do not upload anything unlawful or harmful. A secure link opens for
whoever holds it: send it only to those it is meant for.

What is deleted can be restored from the trash until somebody deletes it for ever. The service is no archive: keep your own copies.

## What we record

Actions in the service are recorded as the privacy policy says.

## Availability and liability

${placeholder('What you promise about availability, support and liability')}

## Law

${placeholder('Applicable law and place of jurisdiction')}
`,
  }),

  imprint: facts => ({
    title: 'Imprint',
    markdown: `${review('imprint')}
## Provider

${organisation(facts)}

${address(facts)}

E-mail: ${contact(facts)}

${placeholder('What your law also asks for: who represents you, telephone, register and number, VAT id, supervisory authority; else remove this line')}
`,
  }),

  page: facts => ({
    title: 'New page',
    markdown: `${placeholder('Write your text here')}

Questions: ${contact(facts)}
`,
  }),
}
