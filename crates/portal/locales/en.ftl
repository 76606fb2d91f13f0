# Texts of the pages: the same facts and actions as in Japanese, in plain words.

frame-brand = Tsumugi
frame-skip = Skip to content
frame-back = Back
frame-text-large = Large text
frame-text-usual = Usual text
frame-other-language = 日本語
frame-other-language-easy = やさしい日本語
frame-other-language-en = English
frame-reader = Signed in:
frame-sign-out = Sign out
frame-age = { $n } years
frame-born = born { $day }
frame-printed = Printed { $when }.
frame-sections = Pages of this record
frame-scope = This page shows what fits your role and purpose.
frame-scope-own = This page shows the records that can be shown to you now.
ask-the-person = {" "}Please also ask the person.
frame-help = Need help?
frame-phone = Call
frame-title-faulty = Input error:{" "}
list-joint = {", "}

section-overview = Start
section-looks = Who looked
section-timeline = Health and life
section-activities = Daily activities
section-laboratory = Test results
section-medicines = Medicines
section-sharing = Who may see
section-care-form = Record daily activities

sex-female = female
sex-male = male
sex-other = other sex
sex-unknown = sex unknown

signin-title = Who will you be?
signin-lead = This is Tsumugi for practice. Choose a person to open that person’s pages.
signin-for-app = An app asks for your permission. Sign in first.
signin-fictional = All people and records are fictional.
signin-none = There is nobody to choose yet.
signin-try = Things to try
signin-be-before = Enter as{" "}
signin-be-after = {""}
signin-expired = Your session has ended.
signin-expired-what = Please choose again. Nothing unfinished was saved.

allow-title = Let this app in?
allow-lead = {" "}asks for permission to use records.
allow-whose = Whose record
allow-whose-own = Your record
allow-whose-named = The record of one person, named by the app
allow-whose-to-name = The record of one person, whom you name below
allow-whose-open = The records that are open to you now
allow-purpose = Purpose
allow-what = What the app may do
allow-every-kind = Every kind of record
allow-colon = :{" "}
allow-see = see
allow-add = add
allow-change = correct
allow-remove = take away
allow-desk = Work of a desk: who may see what, matching, who looked
allow-identity = Know who signed in
allow-how-long = For how long
allow-minutes = 10 minutes
allow-hours = At most { $n } hours
allow-days = At most { $n } days
allow-goes-to = Where you go next
allow-narrower = The app sees a part of what you see, never more.
allow-logged = What the app looks at is in the list of who looked.
allow-yes = Allow
allow-no = Do not allow
allow-citizen = The person’s Patient id
allow-citizen-hint = Enter the id that this server gave.
allow-citizen-wrong = This is no Patient id of this server.
allow-none = This request cannot be taken
allow-none-safe = Nothing was given to the app.
allow-none-again = Go back to the app and begin again.
allow-none-app = The app is set up wrongly. Tell its maker.
allow-none-detail = For the maker:

apps-title = Apps that you allowed
apps-lead = These apps may use records while you are away.
apps-none = You allow no app now.
apps-minutes = An app that you allowed for 10 minutes is not in this list.
apps-since = Allowed on
apps-until = Until
apps-end = End it
apps-ended = You ended it
apps-ended-what = The app cannot use records any more.
allow-end-before = You can end it under{" "}
allow-end-after = .

home-of = Record of{" "}
home-record = {""}
home-title = Record of { $name }
home-news = News
home-first-look = Somebody looked at your record for the first time.
home-check-look = See who looked
home-looks = { $n ->
    [one] { $n } person besides you this month
   *[other] { $n } people besides you this month
  }
home-looks-proxy = { $n ->
    [one] { $n } person besides the two of you this month
   *[other] { $n } people besides the two of you this month
  }
home-medicines = { $n ->
    [one] { $n } medicine
   *[other] { $n } medicines
  }

looks-total = { $n ->
    [one] { $n } look in all, newest first.
   *[other] { $n } looks in all, newest first.
  }
looks-this-one = Opening this page is one look too. It is in the list from the next time on.
looks-found = { $n ->
    [one] { $n } look found.
   *[other] { $n } looks found.
  }
looks-filter = Search by name, purpose, dates and more
looks-purpose = Purpose
looks-any-purpose = Every purpose
looks-from = From
looks-to = To
looks-narrow = Filter
looks-all = Show all
looks-none = Nobody has looked at this record yet.
looks-none-found = No look fits what you searched for.
looks-stay = Hospital stay, { $span }
looks-people = { $people ->
    [one] { $people } person
   *[other] { $people } people
  } looked { $looks ->
    [one] once.
   *[other] { $looks } times.
  }
looks-open = { $n ->
    [one] Show { $n } person
   *[other] Show { $n } people
  }
looks-times = { $n } times
looks-first = First time
looks-automatic = Automatic query
looks-print = Open all and print
looks-text = Search by name or organisation
looks-text-hint = Part of a name, its reading, or the name of an organisation.
looks-by = How they looked
looks-by-any = Every way
looks-by-person = By a person
looks-by-assistant = By an assistant or a reception
looks-by-automatic = Automatic query
looks-count = ({ $n })
looks-kind = What was seen
looks-any-kind = Everything
looks-assistant = Assistant or reception
looks-save = Save
looks-save-what = You can save what the filter found. The table opens in a spreadsheet; the data with proofs can be checked by a program.
looks-save-csv = Save as a table (CSV)
looks-save-json = Save with proofs (JSON)
looks-csv-number = Number
looks-csv-time = Time
looks-csv-name = Name
looks-csv-reading = Reading
looks-csv-qualification = Qualification
looks-csv-organization = Organisation
looks-csv-behalf = On behalf of
looks-csv-by = How
looks-csv-purpose = Purpose
looks-csv-reason = Typed reason
looks-csv-outcome = Outcome
looks-csv-what = What was seen or written
looks-csv-rule = Rule
looks-csv-source = Source of the rule
looks-csv-shown = seen
looks-csv-written = written
looks-csv-refused = refused

look-who = Who
look-why = Why
look-what = What they saw
look-written = What they wrote
look-rule = Rule
look-proof = Proof
look-on-behalf = Relation to the person:
look-saw = Saw: { $what }
look-wrote = Wrote: { $what }
look-count = { $what }: { $n }
look-refused = Refused. Nothing was shown.
look-shown-nothing = No record was shown.
look-number = Number { $n } of { $total }.
look-reviewed = A reviewer was told as well.
look-rule-read = Read the rule
look-rule-source = It stands on:
look-rule-number = Rule number:

proof-pending = Proof is being prepared (a few minutes)
proof-covered = Checked complete, { $when }
check-title = Check it yourself
check-what = Your own device computes whether anything is missing from the list of looks.
check-ok = This device checked { "{count}" } looks. Nothing is missing and nothing was changed.
check-fail = It does not match. Please call the number below. Reason: { "{reason}" }
check-unsupported = Save the proof to check it on another device.
check-save = Save the proof
check-witnessed = { "{seen}" } of { "{of}" } witnesses have seen the same log.
check-few = Not checked in full: too few witnesses. { "{seen}" } of { "{of}" } have signed ({ "{quorum}" } needed).
check-old = Note: the witnesses saw it { "{hours}" } hours ago.
check-log = See the log and its witnesses
check-elsewhere = A saved proof can be checked outside Tsumugi:

pager-label = Pages
pager-newer = Newer
pager-older = Older
pager-where = Page { $page } of { $pages }

timeline-none = There is no record that this page can show.
timeline-year = { $year }, age { $age }
timeline-count = { $n ->
    [one] { $n } entry
   *[other] { $n } entries
  }
timeline-birth = { $day }, birth
timeline-since = Since { $day }
timeline-filter = Filter: { $topic }
timeline-topic = What to show
topic-all = Everything
topic-visits = Visits and stays
topic-illness = Illness, allergies, operations
topic-laboratory = Tests
topic-medicines = Medicines
topic-care = Care and daily life

document-no-text = This part has no text.
document-empty = There is no text that this page can show.
document-as-written = These are the author’s own words, as text only.

emergency-medicines = Medicines in use
emergency-heed = What to heed
emergency-support = Whom to call
emergency-taken = { $what }, last { $when }

activities-meaning = Points for ten things of daily life, such as eating and walking. The nearer to 100, the more is done without help.
activities-none = There is no record of daily activities that this page can show.
activities-total = { $n } points (of 100)
activities-points = { $n ->
    [one] { $n } point
   *[other] { $n } points
  }
activities-one = Now { $n } points. Measured once.
activities-up = Now { $n } points. Up from { $before }.
activities-down = Now { $n } points. Down from { $before }.
activities-same = Now { $n } points. The same as before.
activities-chart = Points for daily activities (Barthel index)
activities-items = The ten activities, now and before
activities-what = Activity
activities-now = Now
activities-before = Before
activities-not-given = Not recorded
activities-notes = Care workers’ notes
activities-no-notes = There is no note that this page can show.

barthel-feeding = Eating
barthel-feeding-10 = Eats without help
barthel-feeding-5 = Needs help, such as cutting
barthel-feeding-0 = Is fed
barthel-transfer = Bed to chair
barthel-transfer-15 = Moves without help
barthel-transfer-10 = Needs a little help or watching
barthel-transfer-5 = Can sit, needs much help
barthel-transfer-0 = Cannot sit
barthel-grooming = Face, teeth, hair
barthel-grooming-5 = Without help
barthel-grooming-0 = Needs help
barthel-toilet-use = Toilet
barthel-toilet-use-10 = Without help
barthel-toilet-use-5 = Needs help with clothes or wiping
barthel-toilet-use-0 = Needs help with everything
barthel-bathing = Bathing
barthel-bathing-5 = Without help
barthel-bathing-0 = Needs help
barthel-mobility = Walking
barthel-mobility-15 = Walks 45 metres or more without help
barthel-mobility-10 = Walks 45 metres with help or watching
barthel-mobility-5 = Moves a wheelchair alone
barthel-mobility-0 = Cannot move
barthel-stairs = Stairs
barthel-stairs-10 = Up and down without help
barthel-stairs-5 = Needs help or watching
barthel-stairs-0 = Cannot
barthel-dressing = Dressing
barthel-dressing-10 = Without help
barthel-dressing-5 = Does half without help
barthel-dressing-0 = Needs help with everything
barthel-bowels = Bowels
barthel-bowels-10 = No accidents
barthel-bowels-5 = Accidents at times
barthel-bowels-0 = No control
barthel-bladder = Bladder
barthel-bladder-10 = No accidents
barthel-bladder-5 = Accidents at times
barthel-bladder-0 = No control

table-of = { $n ->
    [one] Numbers in a table ({ $n })
   *[other] Numbers in a table ({ $n })
  }
table-day = Day
table-total = Points
table-value = Result
table-by = Measured by

laboratory-none = There is no test result that this page can show.
laboratory-range = Usual range { $range } { $unit }
laboratory-chart = { $name } over time
laboratory-about = About this test
laboratory-note = From your clinician
laboratory-is-high = Above the usual range.
laboratory-is-low = Below the usual range.
laboratory-is-usual = Within the usual range.
laboratory-is-unknown = The newest result.
laboratory-went-up = Higher than before.
laboratory-went-down = Lower than before.
laboratory-stayed = The same as before.
laboratory-conclusion = { $stands } { $direction }
level-high = High
level-low = Low
level-usual = Usual

medicines-none = There is no record of medicines that this page can show.
medicines-count = { $n ->
    [one] { $n } medicine in use.
   *[other] { $n } medicines in use.
  }
medicines-earlier = { $n ->
    [one] { $n } earlier medicine
   *[other] { $n } earlier medicines
  }

person-heed = Heed first
precaution-swallowing = Swallowing
precaution-moving = Moving
precaution-medicine = Medicines
person-no-precaution = No precaution that this page can show.
person-allergies = Allergies
person-no-allergies = There is no record of allergies that this page can show.
person-living = Daily activities
person-helped = Needs help with
person-course = Course and table
person-conditions = Illnesses
person-no-conditions = There is no record of illness that this page can show.
person-support = Support and wishes
person-no-support = There is no record of support that this page can show.
person-notes = Care workers’ notes
person-record = Record daily activities
person-other = Find another person

form-lead = For the activities, choose all ten: the points are added up. A note alone can be recorded too.
form-note = Note
form-note-hint = Write what you noticed. Up to { $most } characters.
form-record = Record
form-leave = Leave
form-faults = Please correct the input
form-kept = What you entered is still here. Nothing has been saved yet.
form-missing = Choose an answer for “{ $what }”.
form-empty = Choose an answer or write a note.
form-note-long = Shorten the note to { $most } characters.
form-recorded = Recorded at { $time }
form-recorded-what = It is in the person’s record. The person can see it too.

find-title = Whose record do you want to open?
find-number = Patient or client number
find-hint = The number in your own organisation. Full-width or half-width figures.
find-missing = There is no number. Enter the number.
find-open = Open the record
find-in-charge = People in your care
find-numbered = No. { $number }
find-noted = When you open a record, the person is told your name and purpose.

proxy-title = Whose record do you want to see?
proxy-lead = These people have entrusted it to you.
proxy-none = Nobody has entrusted a record to you yet.
proxy-you-are = You are the{" "}
relation-daughter = daughter
relation-son = son
relation-wife = wife
relation-husband = husband
relation-mother = mother
relation-father = father
relation-sister = sister
relation-brother = brother
relation-grandchild = grandchild
proxy-until = Until { $day }
proxy-noted = The person is told that you looked.

error-home = Back to the start
error-nothing-saved = Nothing has been saved yet.
error-not-shown = Not found, or not open for this purpose.
error-not-shown-do = Check that you are registered as in charge.
error-not-shown-home-do = Go back to the start and open it again.
error-no-page = There is no page at this address.
error-no-page-do = Check the address, or open it from the start.
error-busy = Many people are using Tsumugi
error-busy-do = Please send it again in one minute.
error-input = What was sent could not be read
error-input-do = Go back and send it again.
error-stale = This page is out of date
error-stale-do = Open it from the start and send it again.
error-broken = Something went wrong on our side
error-broken-do = Wait a little and try again. If it goes on, please call.

signin-needed = Nobody is signed in.
signin-needed-do = Sign in, then try again.
error-busy-api = Too many at once. Nothing was saved.
error-input-api = What was sent could not be read.
error-input-api-do = Send days as YYYY-MM-DD and purposes by their codes.
error-stale-api = This page is too old.
error-broken-api = Something went wrong on our side.

rule-none = No rule allows a look for this purpose.
rule-unknown = The text of this rule is not in today's rules.

life-began = Since { $when }
life-stay = Stay in hospital
life-visit = Visit
life-allergy = Allergy
life-vaccination = Vaccination
life-laboratory = Tests: { $n }
life-medicines = Medicines: { $n }
life-activities = Daily activities: { $n } points
life-note = Note by care staff
life-precaution = What to heed
life-office = Care office in charge

medicines-each = { $dose } each time
medicines-days = for { $n } days
person-untold = {" "}(the person has not been told)
person-reaction = { $what } ({ $reaction })
person-stay-since = In hospital since { $day }

test-hba1c = Blood sugar over the last one to two months
test-ldl = Fat that settles in blood vessels
test-creatinine = How the kidneys work
test-crp = Inflammation in the body
test-haemoglobin = Whether the blood is thin (anaemia)
test-white-cells = Cells that fight infection
test-platelets = Cells that stop bleeding
test-albumin = Nourishment
test-liver = The state of the liver
test-sodium = Salt in the body
test-potassium = A salt for heart and muscles
test-urea = How the kidneys work
test-triglycerides = Fat in the blood
test-hdl = Fat that protects blood vessels
test-d-dimer = A sign of blood clots

kind-Patient = name and birth date
kind-Observation = tests and measurements
kind-DiagnosticReport = test reports
kind-Condition = illnesses
kind-AllergyIntolerance = allergies
kind-MedicationRequest = medicines
kind-MedicationStatement = medicines
kind-MedicationDispense = medicines
kind-MedicationAdministration = medicines
kind-Medication = medicines
kind-Composition = documents
kind-Bundle = documents
kind-DocumentReference = documents
kind-Encounter = visits and stays
kind-Procedure = operations and procedures
kind-Flag = precautions
kind-Immunization = vaccinations
kind-CarePlan = care plans
kind-CareTeam = supporting people
kind-Coverage = insurance
kind-Consent = consents and mandates
kind-RelatedPerson = family
kind-FamilyMemberHistory = family illnesses
kind-Specimen = specimens
kind-AuditEvent = the list of who looked
kind-other = other records

# What the organisation sent
sent-title = Check of what you sent
sent-none = Nothing was sent by your organisation in these 12 weeks.
sent-total = In these 12 weeks { $all } were sent; { $refused } could not be taken in.
sent-chart = Share not taken in, by week
sent-one = The share not taken in is { $now }.
sent-up = The share not taken in rose from { $before } the week before to { $now }.
sent-down = The share not taken in fell from { $before } the week before to { $now }.
sent-same = The share not taken in is { $now }, as the week before.
sent-table = Table of numbers ({ $n } weeks)
sent-weeks = Numbers by week
sent-week = Week
sent-from = {" "}on
sent-submissions = Sent
sent-refused = Not taken in
sent-resources = Resources taken in
sent-warnings = Warnings
sent-rules = Rules that are not kept
sent-rules-meaning = With an error nothing is taken in. With a warning it is, but mend it.
sent-no-rules = No rule was broken.
sent-rule = Rule
sent-errors = Errors
sent-recent = Submissions, last 4 weeks
sent-before = The 4 weeks before
sent-next = What to do next
sent-next-quarantine = What was not taken in, with the reasons: GET /fhir/R4/Bundle/$quarantine.
sent-next-validate = Before sending, tsumugi validate makes the same check.
sent-counts-only = These are counts only. They name no person.

town-title = The town in numbers
town-none = There are no numbers of this town yet.
town-none-do = They appear here once the town’s maker has written comparison.json.
town-lead = This town’s numbers beside Japan’s: of { $counted }, { $off } are apart.
town-which = The town of { $day }, { $citizens } people.
town-what = What is counted
town-bars = Japan (above) and the town (below)
town-bars-name = Japan { $japan }, the town { $town }
town-japan = Japan
town-found = The town (± standard error)
town-apart = Apart from Japan
town-verdict = Verdict
town-near = near
town-within = within chance
town-off = apart
town-not-counted = not counted
town-read = How to read it
town-read-near = “Near” is within three in a hundred of Japan’s number.
town-read-error = “Within chance” is farther, but no farther than chance goes among so many people (three standard errors).
town-read-off = “Apart” is neither: there the town is to be mended.
town-fictional = All people of the town are fictional. Sources of Japan’s numbers stand below each.

filling-title = The town is filling
filling-running = The town is filling: { $there } of { $all } people are there.
filling-done = The whole town is there: { $all } people.
filling-stopped = { $there } of { $all } people are there. The next start goes on from here.
filling-failed = The town cannot be filled further: { $there } of { $all } people are there. The terminal says why.
filling-look = See how far it is
filling-again = Look again
filling-there = People there now
filling-citizens = People of the whole town
filling-taken = Messages taken in
filling-resources = Records in them
filling-refused = Messages refused
filling-meanwhile = Every page can be used meanwhile.
# The desk that decides whether two records are one person's
match-queue-title = Is it the same person?
match-queue-lead = Separate records may belong to one person. Two members of staff decide.
match-queue-none = There is no pair to look at now.
match-queue-more = Show more
match-noted = Opening a pair is noted under “Who looked” for both people.
match-noted-both = Opening this page was noted under “Who looked” for both people.
match-reason-contradiction = The number is the same, but the birth date or sex differs.
match-reason-likeness = Names or birth dates are alike.
match-reason-two-numbers = One institution uses two numbers.
match-likely = likely the same: { $n }%
match-likely-meaning = The likelihood is computed from how alike names, birth dates and so on are. Staff decide.
match-turn-first = Waiting for a first member of staff
match-turn-second = You are the second
match-turn-another = Waiting for a second member of staff
match-closed-same = Decided: the same person
match-closed-different = Decided: different people
match-pair-title = Compare two records
match-one-title = One record has two numbers
match-table = Name, birth, sex, address and numbers of both records
match-what = What
match-record-one = First record
match-record-other = Second record
match-compared = Compared
match-name = Name
match-birth = Birth date
match-sex = Sex
match-numbers = Numbers
match-not-known = not known
match-said = What staff said
match-confirmed = { $what } (agreed)
match-disagreed = { $what } (disagreed)
match-verdict-same = The same person
match-verdict-different = Different people
match-verdict-cannot-say = Cannot be said yet
match-your-view = What do you think?
match-your-answer = Do you agree?
match-answer-confirm = I agree
match-answer-disagree = I disagree
match-why = Why
match-why-hint = What did you look at? Another member of staff will read it.
match-propose = Hand in this view
match-answer = Decide with this answer
match-leave = Leave without deciding
match-wait-for-another = Your view is handed in. Somebody else will answer.
match-apart-title = If it was a mistake
match-apart-what = The record is taken apart again. Two members of staff then look at the pair once more.
match-apart = Take it apart
match-fault-nothing = Choose one.
match-fault-reason = Write the reason.
match-fault-reason-long = Keep the reason within { $most } characters.
match-fault-same-clerk = Whoever handed in a view cannot answer it. Ask somebody else.
match-fault-oneself = Nobody decides about themself. Ask somebody else.
match-fault-overtaken = Somebody else decided first. The page shows how it stands now.
match-done-proposed = Your view is handed in
match-done-proposed-what = It is decided once somebody else agrees.
match-done-sent-back = Your disagreement is handed in
match-done-sent-back-what = The pair will be looked at again.
match-done-joined = The two are one record now
match-done-joined-what = Old numbers keep working.
match-done-kept-apart = Decided: different people
match-done-kept-apart-what = This pair will not come up again.
match-done-taken-apart = The record is taken apart again
match-done-taken-apart-what = Each record is as it was.
match-sources = Institutions that sent records
match-sources-n = { $n }
merges-title = Records made one
merges-lead = Two members of staff decided that these are one. No names stand here.
merges-none = No records were made one so far.
merges-by = Decided by
merges-undone = Taken apart
merges-open = Of { $n } facts from { $source } it is not decided whose they are.

sharing-hidden = What you do not show
sharing-hidden-none = Nothing is hidden at present.
sharing-new = Hide something
sharing-lift = End this
sharing-done-set = It is hidden now.
sharing-done-lifted = It is no longer hidden.
sharing-done-what = This holds from now on. You can change it back at any time.
sharing-related = Who is caring for you now
sharing-related-none = This page has nothing about who is caring for you now.
sharing-rules-hint = Others may see what the rules allow. Everybody who looks stands in “Who looked”.
sharing-mandates = Family and proxies
sharing-mandates-n = { $n }
sharing-rules = The rules: who may see what
sharing-what = What
sharing-whom = From whom
sharing-long = Until when
sharing-unconscious = If you are unconscious
sharing-emergency-yes = an emergency may see it
sharing-emergency-no = not even an emergency
sharing-everything = the whole record
sharing-one-thing = one visit or document
sharing-facts-n = ({ $n } entries)
sharing-from-before = what was written by {""}
sharing-from-after = {""}
sharing-days = what is from { $first } to { $last }
sharing-days-from = what is from { $first } on
sharing-days-to = what is up to { $last }
sharing-everyone = everybody but you and your proxies
sharing-kind = every { $kind }
sharing-somebody = somebody who is no longer registered
sharing-always = for good
sharing-until = until { $day }
sharing-since = since { $day }

relation-encounter = visit or stay
relation-referral = referred to
relation-prescription = pharmacy of a prescription
relation-care-in-charge = in charge of your care
relation-care-opinion = physician’s opinion for care

restrict-title = Hide something
restrict-place = { $n } of 4: { $step }
restrict-step-what = what
restrict-step-whom = from whom
restrict-step-long = until when
restrict-step-check = check
restrict-step-done = (done)
restrict-next = Next
restrict-decide = Decide this
restrict-leave = Leave
restrict-change = {" "}change
restrict-choose = Choose
restrict-what = What do you want to hide?
restrict-what-categories = kinds of records
restrict-what-thing = one visit or document
restrict-what-source = what one institution wrote
restrict-what-days = what is from some days
restrict-what-everything = the whole record
restrict-categories = Kinds of records
restrict-categories-hint = Choose as many as you like.
restrict-thing = Visit or document
restrict-source = Institution that wrote it
restrict-days = Days
restrict-days-hint = The first or the last day alone will do.
restrict-first = First day
restrict-last = Last day
restrict-whom = From whom do you want to hide it?
restrict-whom-hint = Those who have looked, and those who care for you now, come first.
restrict-long = Until when?
restrict-until = until a day
restrict-emergency = And if you are unconscious?
restrict-emergency-hint = This is for ambulances and treatment that saves your life. If it is seen, you are told at once.
restrict-seen-before = This is what {""}
restrict-seen-after = {" "}would see
restrict-seen-n = { $n } pieces of data
restrict-hidden-n = ({ $n } more not shown)
restrict-seen-none = Nothing is shown to them now, either.
restrict-seen-nothing = By today’s rules they cannot open your record.
restrict-secret = Tsumugi does not tell them that anything is hidden. The text of a document may still say the same. Duties that a law names (such as paying for care), and what an institution wrote itself, stay visible to it.
restrict-documents = Hide a document as a whole (one at a time)
restrict-risk = This hides what keeps treatment safe
restrict-risk-what = Interactions of medicines, or allergies, may go unnoticed.
restrict-undo = You can change it back at any time.
restrict-fault-nothing = Choose one.
restrict-fault-category = Choose at least one kind of records.
restrict-fault-days = Give the first or the last day; if both, the earlier one first.
restrict-fault-until = Give today or a later day.
restrict-fault-emergency = Say what holds if you are unconscious.
restrict-fault-gone = What you chose is not found. Choose again.
restrict-fault-already = The same is set already.

proxy-number = Your sign-in number
proxy-number-hint = Tell this number and your name to whoever wants you to act for them.
mandates-none = Nobody may act for you at present.
mandates-who = Who
mandates-extent = What they may see
mandates-all = the whole record
mandates-some = only the kinds I choose
mandates-categories = Choose kinds (for “only the kinds I choose”)
mandates-noted = What they look at stands in “Who looked”, too.
mandates-for-others = Acting for somebody else
mandates-for-others-how = You see their records when you choose to sign in as a proxy.
mandates-end = End it
mandates-done-given = They may act for you now.
mandates-done-ended = They may no longer act for you.
mandates-give = Name somebody
mandates-office = To name an office or institution
mandates-office-hint = Whoever works there may then act for you. To name a person, leave this and go on below.
mandates-office-none = I name a person
mandates-number = Their sign-in number
mandates-number-hint = It stands on their own screen.
mandates-name = Their name
mandates-name-hint = As it stands on their own screen.
mandates-relation = What they are to you
mandates-relation-hint = For example: daughter, son, guardian
mandates-until = Until when
mandates-until-hint = At most five years from now.
mandates-decide = Let them act for me
mandates-fault-nobody = Nobody has this number and this name. Check both on their screen.
mandates-fault-oneself = You cannot name yourself.
mandates-fault-already = This person acts for you already, in the same way.
mandates-fault-relation = Say what they are to you, in at most 40 characters.
mandates-fault-extent = Say what they may see; for “only the kinds I choose”, choose at least one kind.
mandates-fault-until = Give a day from today to five years from now.

log-title = The state of the log
log-lead = Every look at a record stays in this log. Nothing about any person is on this page.
log-now = The log now
log-size = Entries signed
log-count = { $n } { $n ->
    [one] entry
   *[other] entries
}
log-pending = Entries waiting for a signature
log-signed = Newest signature
log-signed-none = None yet
log-key = The log’s key
log-witnesses = Witnesses
log-witnesses-what = A witness is another organisation. It checks that the log was not rewritten, and signs what it saw.
log-nobody = No witnesses are named yet.
log-nobody-means = So nobody can tell yet whether different people are shown different logs.
log-reached = At least { $needed } of { $all } witnesses have seen the same log.
log-reached-at = They signed the log of { $n } entries on { $when }.
log-not-yet = Waiting for the signatures of { $needed } witnesses.
log-too-few = Fewer than { $needed } witnesses have signed since { $when }.
log-too-few-means = Treatment and care go on as always. Until enough have signed, new proofs cannot be checked in full.
log-last-enough = Enough had signed last on { $when }, for { $n } entries.
log-contradiction = What a witness saw is not this log. Please tell the supervising body.
log-who = Witness
log-last-signed = Last signature
log-state = State
log-signed-cell = { $when } ({ $n } entries)
log-state-signs = Signs
log-state-waits = Waiting for its signature
log-state-silent = Does not answer
log-state-refused = Does not sign for this log’s key
log-state-contradicts = Saw another log
log-check = Check it yourself
log-check-proof = On the page “Who looked”, save the proof.
log-check-witnesses = Save the list of witnesses.
log-check-run = Outside Tsumugi, run this:
log-check-hint = Get the keys from somewhere else than this page too, on paper or from the witnesses, and compare.
log-policy = Save the list of witnesses
log-checkpoint = Save the signed state

rules-title = The rules: who may see what
rules-lead = Looking at a record needs a reason and a rule. These are all the rules there are.
rules-compare = What is open, for whom
rules-here = The rules in force here: {""}
rules-compare-hint = What you hide makes this less. What an institution wrote itself it may see under either set.
rules-who = Who looks
rules-profile-special-law = the proposed special law
rules-profile-jp-2026 = Japan’s rules of 2026
rules-all = All rules ({ $profile })
rules-other = See { $profile }
rules-always = For every purpose
rules-nothing = nothing
rules-everything = everything
rules-all-but = everything but { $what }
rules-source = Where it comes from
rules-limit = Limit
rules-own = only what the institution wrote itself
rules-restrictions = What you hide
rules-lawful = does not touch this rule (a law names the duty)
rules-restrictable = is kept to
rules-id = Id
asker-citizen = the person
asker-proxy = a proxy (what was entrusted)
asker-physician = a physician where the person is treated
asker-physician-consent = the same, for 24 hours after consent with the card
asker-first-contact = a physician at a first contact
asker-pharmacist = a pharmacist with a prescription
asker-care-manager = the care manager in charge
asker-care-manager-consent = the same, with consent for care
asker-other-office = a care office that is not in charge
asker-crew = an ambulance crew
asker-emergency = an emergency physician of a hospital
asker-break-glass = a physician who types a reason in an emergency
asker-municipality = the municipality (care insurance)
asker-insurer = the insurer
asker-health-centre = a health centre
asker-desk = a desk (insurance check)
section-notices = Notices
home-notices = { $n } new
home-all-notices = See all notices ({ $n } new)

notices-unread = { $n ->
    [one] There is 1 notice that you have not read.
   *[other] There are { $n } notices that you have not read.
}
notices-none = There are no notices yet.
notices-new = New
notices-read = I have read them all
notices-all-looks = See everybody who looked
notices-choice = What to tell
notices-choice-legend = When shall we tell you?
notices-wish-emergencies = Only in an emergency
notices-wish-unusual = When something is unusual (somebody new, somebody not in charge)
notices-wish-every = Whenever somebody looks
notices-always = We always tell you when somebody typed an emergency as the reason and looked.
notices-choose = Keep this choice
notices-hers = The person herself decides.
notices-done-read = Marked as read
notices-done-read-what = The notices stay below.
notices-done-chosen = Your choice is kept
notices-done-chosen-what = You can change it at any time.
notice-glass = Somebody typed the saving of a life as the reason and looked.
notice-glass-proxy = Somebody typed the saving of a life as the reason and looked.
notice-emergency = Somebody looked for emergency treatment.
notice-first-proxy = Somebody looked at the record for the first time.
notice-outside = Somebody looked who is not in charge.
notice-every = Somebody looked at the record.

look-case-waiting = The answer comes by { $day }.
look-case-asked = Whoever looked is asked to explain. The answer comes by { $day }.
look-case-fine = On { $day } the look was found right.
look-case-unfit = On { $day } the look was found wrong.
notice-odd = An unusual look. The supervising body checks it.
look-odd = The supervising body checks this look because it is unusual.
odd-no-relation = No care relation can be found.
odd-relation-ended = The care relation has ended.
odd-no-care-followed = No care was written down within 7 days after the look.
odd-no-case = Somebody of the supervising body looked without a case to look into.
odd-family-name = Whoever looked has the person’s family name.
odd-neighbour = Whoever looked works near the person’s home.
odd-colleague = The person works, or worked, where whoever looked works.
odd-public-person = The person is known to many.
odd-volume = Whoever looked saw the records of far more people on that day than usual.
odd-night = The look was at night (22:00 to 5:00).
review-cause = Why it is here

emergency-infections = Infections

# Looking in an emergency with a typed reason
glass-more = See more (type a reason)
glass-more-hint = The person is told, and a reviewer checks.
glass-title = Look with a typed reason
glass-tell-title = Type why you look
glass-lead = This page is for when life is at stake. You will also see what the person allowed to be seen in an emergency.
glass-tell-lead = This page tells the person why you look in an emergency.
glass-happens = What happens then
glass-told = The person is told at once.
glass-reviewed = A reviewer who has nothing to do with you checks.
glass-first = At first only medicines, allergies, conditions, infections and precautions are shown.
glass-tell-same = You see no more than before.
glass-minutes = It ends after { $n } minutes.
glass-reason = Why you look
glass-reason-more = Reason (details; not needed if you picked one)
glass-why = Why you look
glass-why-unconscious = Unconscious: medicines and illnesses are needed
glass-why-speechless = Cannot speak: medicines and allergies are needed
glass-why-worse = Suddenly worse: earlier results are needed
glass-why-other = Another reason (type it below)
glass-empty = Write it so that others understand the reason.
glass-reason-hint = The person and a reviewer read it. Write no names. From 5 to 200 characters.
glass-tell-hint = The person reads it. From 5 to 200 characters.
glass-short = The reason is too short. Write at least { $least } characters.
glass-long = Keep the reason within { $most } characters.
glass-begin = Give the reason and look
glass-tell = Give the reason
glass-leave = Leave
glass-holds = You look with a typed reason (until { $time })
glass-noted = The person is told. A reviewer checks.
glass-whole = See the rest as well
glass-whole-hint = Where this does not suffice, you may see the rest of the record.
glass-end = End this

# The supervising body
review-title = Cases waiting
review-lead = By deadline. What is late stands first.
review-none = No case is waiting.
review-table = Cases: deadline, kind, who is called to account, since when, why, where it stands
review-deadline = Deadline
review-who = Who is called to account
review-when = When
review-stand = State
review-open = Review
review-more = Show more
review-late = Past the deadline
review-today = Due today
review-noted = Opening a case stays in the person's list of who looked.
review-noted-case = That you opened this page is in the person's list of who looked.
review-stand-waiting = Waiting for review
review-stand-asked = Waiting for an answer
review-stand-fine = Nothing wrong
review-stand-unfit = Not right
review-done = The judgement is kept
review-done-fine = The review has ended: nothing wrong.
review-done-asked = An explanation was asked for. The deadline is five working days from today.
review-done-unfit = The review has ended: the look was not right.
review-case-title = Judging a case
review-reason = The typed reason
review-no-reason = No reason is kept.
review-looks-n = { $n ->
    [one] 1 look.
   *[other] { $n } looks.
}
review-lately = The same person in 90 days
review-lately-n = { $n ->
    [one] 1 case (this one)
   *[other] { $n } cases (with this one)
}
review-person = Whose record
review-unnamed = The name is shown once it is kept as a look of yours.
review-name = Show the name
review-named = The person is also told that you saw the name.
review-said = What was said
review-verdict = Your judgement
review-verdict-fine = Nothing wrong
review-verdict-explain = Ask for an explanation
review-verdict-unfit = Not right
review-why-hint = What did you go by? Whoever is asked, and their organisation, read it too. The person does not. Up to 500 characters.
review-judge = Keep this judgement
review-leave = Leave without judging
review-fault-oneself = Nobody reviews their own look. Ask somebody else.
review-fault-overtaken = Somebody else was quicker. This is how it stands now.
review-fault-full = Too much was said already. Decide whether it was right or wrong.

# Calling others to account
section-cases = Objections and corrections
case-kind = Kind
case-kind-break-glass = Look past the restrictions
case-kind-odd-look = An unusual look
case-kind-objection = Objection to a look
case-kind-correction = Request for correction
case-turn = What is next
case-turn-supervisor = The reviewer decides.
case-turn-organization = The organisation answers.
case-turn-citizen = The person says whether the answer is enough.
case-turn-nobody = It is closed.
case-closed = Closed on
case-whom = Who is asked
case-opened = Since
case-about-look = See the look
case-about-document = See the document
case-follows = What follows:
case-speaker-citizen = The person
case-speaker-proxy = A proxy of the person
case-speaker-desk = The municipality's desk, from paper,
case-act-object = Objected
case-act-wish = Asked for a correction
case-act-answer = Explained
case-act-corrected = Corrected the record
case-act-annotated = The record stays, with the person's words beside it
case-act-refused = Does not correct it
case-act-accept = Was content, or took it back
case-act-insist = Was not content and asked for a decision
case-act-fine = Found nothing wrong
case-act-explain = Asked for an explanation
case-act-unfit = Found it wrong
case-act-lift = Lifted the suspension
case-fault-long = Shorten it to { $most } characters.
case-fault-turn = It is somebody else's turn. This is how it stands now.
case-fault-sanction = Something can follow only where you found it wrong.
case-fault-words = Write your reason or explanation.
case-fault-answer = Choose an answer.
concern-unknown = I do not know them
concern-no-care = I was not in their care then
concern-too-much = They looked at more than they needed
concern-purpose = The purpose is not true
concern-other = Something else
objection-title = Is something wrong with this look?
objection-lead = Their organisation must explain it within { $n } working days.
objection-raise = I object to this look
objection-more = Say why
objection-why = Why
objection-words = In your words
objection-words-hint = Their organisation and the reviewer read it. You need not write anything. Up to 500 characters.
objection-raise-words = Object in these words
objection-raised = You have objected to this look
objection-open = See how it stands
cases-lead = What you asked to have explained or corrected, and looks that are being judged.
cases-none = There is nothing yet.
cases-how = How to do it
cases-how-look = A look: open it under "Who looked" and press "I object".
cases-how-document = A record: open the document and choose "Ask for a correction".
cases-how-paper = On paper: at the desk of your municipality.
case-done-accept = It is closed
case-done-accept-what = This is closed. What was said stays below.
case-done-insist = You have asked for a decision
case-done-insist-what = The reviewer decides by { $day }.
case-done-object = You have objected
case-done-object-what = The organisation must answer by { $day }. After that it goes to the reviewer.
case-done-wish = You have asked for a correction
case-reply = Is this answer enough?
case-reply-accept = Yes. Close it
case-reply-insist = No. I ask for a decision
case-reply-words = Why it is not enough
case-reply-words-hint = Needed when you ask for a decision. The organisation and the reviewer read it. Up to 500 characters.
case-reply-send = Send
case-withdraw-open = Take it back
case-withdraw-what = Taking it back closes it. You cannot object to the same look again.
case-withdraw = Take it back
case-who-reads = Only you, the organisation and the reviewer read these words.
notice-case = Something new was said in one of your cases.
home-check-case = See your cases

# What an organisation is asked
office-cases-title = Requests to explain or correct
office-cases-lead = What you or your organisation are asked to explain or correct.
office-cases-none = Nothing is waiting for an answer.
office-cases-none-ever = Nothing was ever asked.
office-cases-table = Requests: deadline, kind, about whom, since when, where it stands
office-cases-open = Open
office-cases-waiting = Those waiting for an answer
office-cases-all = All so far
office-cases-noted = Opening one is noted in the person's "Who looked".
office-cases-done = Your answer was sent
office-cases-done-what = The person or the reviewer reads it.
office-case-purpose = Purpose of the look
office-case-unnamed = The look had not told the name, so it does not stand here. Go by the time and by who looked.
office-case-act = Answer
office-case-words = Explanation
office-case-words-hint = Say why it was looked at, in words the person understands. The reviewer reads it too. Up to 500 characters.
office-case-correct-hint = If you correct it, register the new version first. The person and the reviewer read this. Up to 500 characters.
office-case-send = Send this answer
office-case-noted = Opening this page was noted in the person's "Who looked".

# Judging and what follows
review-stand-answered = Waiting for the person
review-stand-settled = Settled
review-closed-title = Closed cases
review-closed-lead = Newest first.
review-closed-none = No case is closed yet.
review-read = Read
review-not-yet = It is somebody else's turn. Once that is late you may judge it.
review-why-hint-citizen = What did you go by? The person and the organisation read it too. Up to 500 characters.
review-done-lifted = The suspension is lifted.
staff-watch-title = Supervision
sanction-title = What follows if it was wrong
sanction-hint = A suspension holds at once and ends by itself.
sanction-penalty = For whoever looked
sanction-none = Nothing
sanction-warning = A warning
sanction-days = Suspended for { $n } days
sanction-until-lifted = Suspended until lifted
sanction-report = Report to the authority in charge
lift-title = Suspended
lift-until = It ends by itself on { $when }.
lift-open = It holds until it is lifted.
lift-hint = Say why you lift it. Up to 500 characters.
lift-do = Lift the suspension
error-suspended = You cannot use records now
error-suspended-what = By a decision of the supervising body you are suspended.
error-suspended-do = The reason and the end stand under "Requests to explain or correct". In an emergency, ask a colleague.

# On paper at a desk
paper-title = Take down an objection from paper
paper-lead = For people without phone or computer, with the same deadlines.
paper-number-hint = The insured number.
paper-look = Number of the look
paper-look-hint = As printed on the list "Who looked".
paper-words = The words on the paper
paper-words-hint = Copy them as they are. Up to { $most } characters.
paper-send = Take it down
paper-noted = The desk does not see the log. Taking it down is noted in the person's "Who looked".
paper-done = Taken down
paper-done-what = The organisation must answer by { $day }. Tell the person this day.
paper-fault-look = Give the number of a look that can be objected to.
paper-fault-twice = This look was objected to already.

# Statistics
statistics-title = Statistics of objections
statistics-lead = How many objections and requests there were, and how soon they were answered. Nobody is named.
statistics-counted = Counted on { $day }, once a day.
statistics-month = Month
statistics-opened = Opened
statistics-answered = Answered
statistics-median = Working days to answer (median)
statistics-worst = Working days to answer (longest)
statistics-late = Late
statistics-closed = Closed
statistics-upheld = Upheld
statistics-days = { $n } working days
statistics-under-ten = under 10
statistics-untold = not told
statistics-few = Numbers under ten, and numbers that would leave one, are not told: they might show who it was.
statistics-clocks = Deadlines
statistics-clock-answer = Explaining a look
statistics-clock-correct = Answering a request for correction
statistics-clock-reply = The person's reply
statistics-clock-judge = Judging

# Corrections
document-note = What the person says about it
document-corrected = Corrected in version { $n }. The earlier one is kept.
document-correct = Ask for a correction
document-correct-lead = The organisation that wrote it must answer within { $n } working days.
document-correct-words = What is wrong, and how?
document-correct-hint = Whoever may read the document will read your words beside it, even if it is not corrected. Up to 500 characters.
document-correct-send = Ask for it
case-fault-not-corrected = Register the corrected version first.
statistics-all-few = Under ten in every month.
statistics-others-few = Under ten in the other months.
office-case-leave = Leave without answering

section-take = Take the record along
looks-taken = Taken along
error-too-much = This is more than can be taken along at once
error-too-much-do = Choose a period or kinds, and take it in parts.
error-too-much-api = This is more than can be taken along at once.
error-many-links = Too many links were made.
error-many-links-do = End a link that is open, or make a new one tomorrow.
error-no-font = The paper form (PDF) cannot be made now
error-no-font-do = Tsumugi has no Japanese letters to print with. The FHIR form can be taken.
error-no-font-api = There is no Japanese font, so no PDF can be made.

take-lead = Make a file of your record, or show it to somebody.
take-file = Make a file
take-what = What do you want to take along?
take-what-summary = The summary
take-what-summary-hint = Allergies, medicines, illnesses, recent results and more. Good for a doctor who does not know you.
take-what-everything = Everything
take-what-everything-hint = All of the record that can be shown now.
take-what-part = A part
take-part = Which part?
take-part-hint = Without a kind, all kinds are taken. A period alone is enough.
take-from = From
take-to = Until
take-form = In which form?
take-form-pdf = To print on paper (PDF)
take-form-pdf-hint = For people to read.
take-form-fhir = For other systems (FHIR)
take-form-fhir-hint = For hospitals and apps to take in.
take-lock = Do you want to lock it?
take-lock-no = No
take-lock-yes = Lock it (ZIP)
take-lock-yes-hint = The next page shows a password of digits.
take-yours = Tsumugi cannot guard a file that you have taken. Mind where you put it.
take-get = Get the file
take-fault-part = Choose at least one kind, or a period.
take-fault-days = Enter days that exist; the last is not before the first.
take-password = The password
take-password-lead = Write this password down.
take-password-once = It cannot be shown again. Tsumugi does not keep it.
take-password-apart = Hand over file and password by different ways.
take-password-open = To open it on a computer, a free program such as 7-Zip is needed. Type the hyphens, too.
take-link = Show it for 15 minutes
take-link-lead = Show a QR code on your phone to a doctor. They need no account here.
take-link-what = Only the summary can be seen. After 15 minutes it is over.
take-link-full = Three links are open now. End one of them to make another.
take-uses = How often may it be seen?
take-uses-one = Once
take-uses-three = Up to three times
take-link-make = Make a QR code
take-links = Recent links
take-link-made = Made
take-link-state = How it stands
take-link-open = Open until { $time }; can be seen { $n } more { $n ->
    [one] time
   *[other] times
}.
take-link-opened = Who saw it
take-link-by = { $name } (the name they typed)
take-link-end = End it now
take-ended = The link is ended.
take-ended-what = Nobody can open it any more.
take-over-used = Over: it was opened as often as you said.
take-over-expired = Over: 15 minutes have passed.
take-over-tries = Over: the PIN was wrong five times.
take-over-revoked = Over: it was ended before its time.
take-over-mandate = Over: the mandate of who made it has ended.
take-over-clock = Over: the clock went back, so it was closed to be safe.
take-qr-show = Let the other person read this QR code with their camera.
take-qr-alt = QR code that opens the summary. The same link stands below under “The link as text”.
take-pin-open = See the PIN
take-pin-tell = Tell it in words. Do not write it beside the QR code.
take-link-text = The link as text
take-link-text-what = Where no camera can be used, copy this and hand it over.
take-link-told = Who opens it stands in your log, under the name they type.
take-link-once = This page is shown once. If you close it, make a new link.

taken-title = Summary of health records
taken-made = Made on { $when }.
taken-none = There is no record to print here. Please ask the person, too.
taken-earlier-medicines = Earlier medicines
taken-foot = Taken along by the person herself. What is not here may still exist.
taken-foot-tests = Of each test the newest result is given.
taken-left = { $n } more records do not fit on paper. The FHIR form has them all.
taken-mark = Tsumugi health record

link-title = A record that is shown to you
link-lead = Open the link that a patient gave you.
link-code = The link
link-code-hint = If you came by the QR code, it is filled in. If it is empty, copy the whole address here.
link-pin = PIN (six digits)
link-pin-hint = Ask the patient.
link-by = Your name and where you work
link-by-hint = This name is kept in the patient's log.
link-told = When you open it, the patient is told the time and this name.
link-open = Open
link-fault-code = The link cannot be read. Copy the whole address.
link-fault-name = Enter your name.
link-fault-pin = The PIN is wrong. { $n } { $n ->
    [one] try
   *[other] tries
} left.
link-fault-closed = This link does not open. It is over, or wrong. Ask the patient to make a new one.
link-once = Once closed, this page cannot be brought back.
link-left = With this link it can be seen { $n } more { $n ->
    [one] time
   *[other] times
}.
link-keep = Save the FHIR file
link-summary = Summary of { $name }
