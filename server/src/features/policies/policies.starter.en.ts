import type { Starters } from './policies.placeholders.ts'
import { placeholder } from './policies.placeholders.ts'
import { englishPrivacy } from './policies.starter.privacy.en.ts'

const review = `> ${placeholder('Read every line, change what is not so with you, and remove this note')}
> This text is a starting point, not legal advice: have it checked if you can.
`

const offered = {
  'self-hosted': `{{organisation}}, {{address}}, runs {{instance}} at {{public-url}} for its own work, to exchange files with those it works with. Whoever has an account here, opens a
secure link or hands in files uses it under these terms. They do not replace a contract that we have with you or with the organisation that you
act for: where the two differ, the contract counts.

They do not apply to deployments of the same software that others run.`,
  'hosted': `{{organisation}}, {{address}}, offers {{instance}} at {{public-url}} as a service to organisations (customers). These terms apply between us and a customer, and to everybody who uses
the service for a customer or by a secure link. Whoever makes a workspace for an organisation confirms that they may act for it.

They do not apply to deployments of the same software that customers or others run on servers of their own.`,
}

const paid = {
  'self-hosted': `Using the service costs those whom we invite nothing, unless we have agreed on something else.`,
  'hosted': `What the service costs, and for what term, is what the customer has agreed to with us: ${placeholder('Your prices, terms of payment and notice periods, or where they are to be found')}`,
}

const rulesFor = {
  'self-hosted': 'Everybody who uses this deployment keeps to these rules: our own people, those we invite, and those who open a secure link. We run it, and we see that they are kept.',
  'hosted': 'Everybody who uses the service that we run keeps to these rules. Customers see to it that the people in their workspaces know them. Deployments that others run on their own servers have the rules of those who run them.',
}

const listed = {
  'self-hosted': '{{organisation}} runs this deployment itself. Where others process personal data for us in doing so, they stand here, with what they do and where.',
  'hosted': '{{organisation}} processes personal data for its customers. Those whom we use for it in turn (sub-processors) stand here, with what they do and where. They are about the service that we run, not about deployments on servers of others.',
}

const cookiesOf = {
  'self-hosted': 'This page is about the pages of this deployment, {{public-url}}, which {{organisation}} runs.',
  'hosted': 'This page is about the pages of the service at {{public-url}}, which {{organisation}} runs; not about deployments that others run on their own servers.',
}

export const englishStarters: Starters = {
  'privacy': englishPrivacy,

  'terms': mode => ({
    title: 'Terms of use',
    highlights: [
      { title: 'Your files stay yours', sentence: 'We keep them and hand them out to those you share them with, and claim nothing else in them.' },
      { title: 'A link opens for whoever has it', sentence: 'Send it only to those it is meant for, and give it a password and an end where it matters.' },
      { title: 'Fair use', sentence: 'Nothing unlawful, nothing that harms others or the service.' },
    ],
    markdown: `${review}
## Who offers what to whom

${offered[mode]}

## Your account

Give true details, and keep what you sign in with to yourself. What is done from your account counts as done by you, until you have told us that somebody else may have it; do that
at once: {{contact}}

Accounts belong to persons: do not share one. An organisation’s administrators may end the access of those who act for it.

## Your files

What you bring stays yours, or whoever’s it was. You let us keep it, copy it for backups and hand it out as you and your administrators set it, and nothing more. You confirm that
you may bring it and share it.

What is deleted can be restored as long as it stays in the trash ({{retention.trash}}). The service is no archive: keep your own copies of what you cannot do without.

## Secure links

A secure link opens for whoever has it, within the limits that it was given. Whoever makes one is responsible for whom they send it to. Openings and downloads are recorded and shown to
those who manage the link.

## What is not allowed

What our rules for acceptable use forbid. In short: nothing unlawful, nothing that harms others, no attack on the service, no getting around its limits.

We may shut a link, a file or an account that breaks these rules, as far and as long as it is needed, and tell those concerned why, unless a law forbids it.

## Costs

${paid[mode]}

::plans

## Personal data

What we collect, why and for how long, the privacy policy says.

## Availability and liability

${placeholder('What you promise about availability and support, and for what you are liable, as your law allows')}

## The end

You may stop using the service at any time. If we end it, or your access to it, we say so early enough for you to fetch your files, unless you have broken these terms gravely. After the
end, files are deleted as the privacy policy says.

## Changes, law and courts

We may change these terms for a good reason. The day from which a version is in effect stands at the top; earlier versions stay readable. Members are told of changes before they take
effect.

This law applies: {{jurisdiction}}. Rights that a law gives you as a consumer, and that no terms can take away, stay.
`,
  }),

  'cookies': mode => ({
    title: 'Cookies',
    highlights: [
      { title: 'What is needed, and no more', sentence: 'Cookies keep you signed in and remember which link you opened; they do not follow you.' },
      { title: 'No strangers', sentence: 'Pages load no scripts, fonts or pictures from advertisers or social networks.' },
    ],
    markdown: `${review}
## What this is about

${cookiesOf[mode]}

A cookie is a small piece of text that a website leaves in your browser and gets back with each later request. Browsers also have storage that a page reads by itself and that is not sent
along. We use both only for what you ask of us.

## What we use

::cookies

These are necessary for what you asked for: without them nobody could stay signed in, or open a link with a password. So we do not ask for your consent to them.

## Counting visits

::analytics

## What you can do

You can delete cookies and storage in your browser’s settings at any time, and have it refuse them. You are then signed out, choices that you made on this device are forgotten, and without
cookies you cannot sign in.

Questions: {{contact}}

## Changes

When a cookie is added or another purpose comes, this page says so; the day from which this version is in effect stands at the top.
`,
  }),

  'acceptable-use': mode => ({
    title: 'Acceptable use',
    highlights: [
      { title: 'Share what you may share', sentence: 'Your own files, and those that others have given you for it.' },
      { title: 'Leave others in peace', sentence: 'No malware, no fraud, no harassment, no spying.' },
      { title: 'Tell us', sentence: 'Whoever sees a misuse can report it, with or without an account.' },
    ],
    markdown: `${review}
## For whom these rules are

${rulesFor[mode]}

## What must not be kept or shared here

- What is against the law, above all depictions of the abuse of children, calls to violence, and what a court has forbidden.
- What infringes others’ rights: works that you may not share, trade secrets, personal data without a right to them.
- Malware, and anything that is made to deceive: false sign-in pages, forged documents, fraud.
- What harasses, threatens or exposes people.

## What must not be done here

- Using another’s account or link without permission, guessing passwords, looking for ways around permissions.
- Attacking or overloading the service, or testing its security without having agreed on it with us.
- Sending mails or links to people who have not asked for them and do not expect them.
- Getting around limits of storage, downloads or accounts, or using the service as a public site for downloads.
- Reselling it, unless we have agreed on that.

## How to report a misuse

Tell us where you found it – the address of the link is best – and what is wrong with it: {{contact}}

We look at each report, do not tell the other side who you are unless we have to, and answer you. Whoever finds a weakness in the service and tells us first, without taking data, has our
thanks and nothing to fear from us.

## What we do about it

Depending on how grave it is: ask for a correction, shut a link or a file, suspend an account, end access, inform authorities. We take the mildest way that helps, say why, and hear those
concerned, beforehand where there is time. Whoever thinks that we are wrong can ask for another look.
`,
  }),

  'imprint': () => ({
    title: 'Imprint',
    highlights: [],
    markdown: `${review}
## Provider

{{organisation}}

{{address}}

## Contact

::contact

${placeholder('What your law also asks for: who represents you, telephone, register and number, VAT id, supervisory authority, who answers for the content; else remove this line')}

## About this site

This is {{instance}}, at {{public-url}}.
`,
  }),

  'subprocessors': mode => ({
    title: 'Sub-processors',
    highlights: [
      { title: 'Who, what and where', sentence: 'Everybody who processes personal data for us, with their task and their place.' },
      { title: 'Read from the running server', sentence: 'Where the server itself sends anything stands below, as its settings are.' },
    ],
    markdown: `${review}
## What this list is

${listed[mode]}

Each of them works under a contract that binds it to our instructions, to secrecy and to safeguards, and gets only what its task needs.

## Who works for us

::subprocessors

## What the server sends elsewhere

::elsewhere

## When the list changes

We change this page before a new one begins. The day from which this version is in effect stands at the top, and earlier versions stay readable. Whoever has reasons against a change can tell
us: {{contact}}
`,
  }),

  'page': () => ({
    title: 'New page',
    highlights: [],
    markdown: `${placeholder('Write your text here')}

Questions: {{contact}}
`,
  }),
}
