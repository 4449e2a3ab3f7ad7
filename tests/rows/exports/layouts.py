"""Small exports written by hand from each tool's documented layout."""

import json
from datetime import datetime
from pathlib import Path

import xlsxwriter

ASKED = "How likely are you to recommend us to a friend or colleague?"

QUALTRICS = """\
StartDate,EndDate,Status,IPAddress,Progress,Duration (in seconds),Finished,RecordedDate,ResponseId,\
RecipientEmail,ExternalReference,DistributionChannel,UserLanguage,Q1,Q1_NPS_GROUP,Q2
Start Date,End Date,Response Type,IP Address,Progress,Duration (in seconds),Finished,Recorded Date,\
Response ID,Recipient Email,External Data Reference,Distribution Channel,User Language,\
"How likely are you to recommend us
to a friend or colleague?",Q1 - Group,Why did you give this score?
"{""ImportId"":""startDate"",""timeZone"":""Europe/London""}","{""ImportId"":""endDate"",\
""timeZone"":""Europe/London""}","{""ImportId"":""status""}","{""ImportId"":""ipAddress""}",\
"{""ImportId"":""progress""}","{""ImportId"":""duration""}","{""ImportId"":""finished""}",\
"{""ImportId"":""recordedDate"",""timeZone"":""Europe/London""}","{""ImportId"":""_recordId""}",\
"{""ImportId"":""recipientEmail""}","{""ImportId"":""externalDataReference""}",\
"{""ImportId"":""distributionChannel""}","{""ImportId"":""userLanguage""}",\
"{""ImportId"":""QID1""}","{""ImportId"":""QID1_NPS_GROUP""}","{""ImportId"":""QID2_TEXT""}"
2026-09-01 08:00:00,2026-09-01 08:02:00,0,10.0.0.1,100,120,1,2026-09-01 08:02:01,R_a,,c1,email,EN,9,3,\
"Quick, and
friendly on the line"
2026-09-01 09:00:00,2026-09-01 09:02:00,1,10.0.0.2,100,120,1,2026-09-01 09:02:01,R_b,,,preview,EN,10,3,
2026-09-02 09:00:00,2026-09-02 09:01:00,0,10.0.0.3,40,60,0,2026-09-09 09:02:01,R_c,,c3,email,EN,,,
2026-09-03 09:00:00,2026-09-03 09:02:00,0,10.0.0.4,100,120,1,2026-09-03 09:02:01,R_d,,c4,email,EN,0,2,\
Waited far too long
2026-09-04 09:00:00,2026-09-04 09:02:00,0,10.0.0.5,100,120,1,2026-09-04 09:02:01,R_e,,c5,email,EN,,,
"""  # noqa: E501 - a row of an export is one line
"""Three header rows: a preview, an unfinished answer, a blank, a 0 that is called passive."""

QUALTRICS_OLD = """\
\ufeffV1,V2,V3,V4,V5,V6,V7,V8,V9,V10,Q1,LocationLatitude,
ResponseID,ResponseSet,Name,ExternalDataReference,EmailAddress,IPAddress,Status,StartDate,EndDate,\
Finished,How likely are you to recommend us?,LocationLatitude,
R_a,Default,Anonymous,,,10.0.0.1,0,2016-09-01 08:00:00,2016-09-01 08:02:00,1,8,51.5,
R_b,Default,Anonymous,,,10.0.0.2,1,2016-09-01 08:00:00,2016-09-01 08:02:00,1,3,51.5,
"""
"""Two header rows, a byte-order mark and an empty last column, as older exports have."""

SURVEYMONKEY = """\
Respondent ID,Collector ID,Start Date,End Date,IP Address,Email Address,First Name,Last Name,\
Custom Data 1,"How likely is it that you would recommend us,
to a friend or colleague?",What could we do better?,Which services do you use?,
,,,,,,,,,,Open-Ended Response,Phone,Chat
11890000001,40001,09/28/2026 09:00:00 AM,09/28/2026 09:05:00 AM,10.0.0.1,,,,c1,10 - Extremely likely,\
Nothing at all I can think of,Phone,
11890000002,40001,09/30/2026 01:00:00 PM,09/30/2026 01:05:00 PM,10.0.0.1,,,,c2,0 - Not at all likely,,,Chat
11890000003,40001,10/02/2026 01:00:00 PM,10/02/2026 01:05:00 PM,10.0.0.1,,,,c3,,,,
"""  # noqa: E501 - a row of an export is one line

FORMBRICKS = """\
No.,Response ID,Timestamp,Finished,Survey ID,Formbricks ID (internal),User ID,Tags,url,\
"1. How likely are you to recommend us?","2. What is the main reason for your score?"
1,clr1,2026-09-01 10:00:00,Yes,s1,p1,u1,,https://example.test,9,They answered within the minute
2,clr2,2026-09-02 10:00:00,No,s1,p2,u2,,https://example.test,4,
3,clr3,2026-09-03 10:00:00,Yes,s1,p3,u3,,https://example.test,,Nobody ever picked up the phone
"""

TYPEFORM = """\
#,"How likely are you to <strong>recommend</strong> us?",Why is that so?,Response Type,\
Start Date (UTC),Stage Date (UTC),Submit Date (UTC),Network ID
tok1,9,Because it simply worked for me,completed,2026-09-30 23:10:00,,2026-09-30 23:30:00,net1
tok2,3,,partial,2026-09-30 23:10:00,,,net2
"""

QUESTIONS = json.dumps(
    [
        {"id": "q-nps", "type": "rating", "question": ASKED, "scale": 10},
        {"id": "q-why", "type": "open", "question": "What is the reason for your score?"},
    ]
)


def posthog_event(at: str, submission: str, **properties: object) -> dict[str, object]:
    """Write one event as PostHog's API gives it."""
    told = {
        "$survey_id": "s-1",
        "$survey_name": "Relationship",
        "$survey_submission_id": submission,
        "$survey_questions": QUESTIONS,
    }
    return {
        "uuid": f"{submission}-{at}",
        "event": "survey sent",
        "timestamp": at,
        "distinct_id": f"person-{submission}",
        "properties": told | properties,
    }


POSTHOG: list[dict[str, object]] = [
    posthog_event("2026-09-01T10:00:00Z", "a", **{"$survey_response_q-nps": "4"}),
    posthog_event(
        "2026-09-01T10:00:30Z",
        "a",
        **{"$survey_response": "7", "$survey_response_q-nps": "6", "$survey_completed": True}
        | {"$survey_response_q-why": "Too many menus to get through"},
    ),
    posthog_event("2026-09-02T11:00:00Z", "b", **{"$survey_response": "10"}),
    {**posthog_event("2026-09-02T12:00:00Z", "c"), "event": "survey shown"},
    posthog_event(
        "2026-09-03T11:00:00Z", "d", **{"$survey_response": "2", "$survey_completed": False}
    ),
]
"""Two events of one submission, an answer by its place, an event that is none, a partial one."""


def connect_record(contact: str, updated: str, **more: object) -> dict[str, object]:
    """Write one contact record as Amazon Connect delivers it."""
    record: dict[str, object] = {
        "ContactId": contact,
        "InitialContactId": None,
        "PreviousContactId": None,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": "2026-09-01T09:59:00Z",
        "LastUpdateTimestamp": updated,
        "CustomerEndpoint": {"Address": "+440000000001", "Type": "TELEPHONE_NUMBER"},
        "Queue": {"Name": "Billing", "EnqueueTimestamp": "2026-09-01T10:00:00Z", "Duration": 42},
        "Agent": {
            "Username": "agent-1",
            "ConnectedToAgentTimestamp": "2026-09-01T10:00:42Z",
            "AgentInteractionDuration": 300,
            "CustomerHoldDuration": 60,
            "NumberOfHolds": 1,
        },
    }
    return record | more


CONNECT = [
    connect_record("c-1", "2026-09-01T10:10:00Z", Channel="CHAT"),
    connect_record("c-1", "2026-09-01T10:20:00Z"),
    connect_record(
        "c-2",
        "2026-09-01T10:30:00Z",
        InitialContactId="c-1",
        PreviousContactId="c-1",
        InitiationMethod="TRANSFER",
    ),
    connect_record("c-3", "2026-09-01T10:40:00Z", Agent=None),
]
"""A record delivered twice, a leg it was passed on to, and a call nobody took."""

ZENDESK = """\
id,survey_id,survey_name,user_id,user_name,user_email,recipient_id,delivery_id,delivered_at,rated_at,\
rating,comment
1,7,Quarterly,901,,,801,5,2022-03-01T08:00:00Z,2022-03-01T09:00:00Z,9,Fine
2,7,Quarterly,902,,,802,5,2022-03-01T08:00:00Z,,,
3,7,Quarterly,903,,,803,5,2022-03-02T08:00:00Z,2022-03-01T09:00:00Z,0,
"""

DELIGHTED = [
    {
        "id": "5001",
        "person": "p-1",
        "survey_type": "nps",
        "score": 9,
        "comment": "Good",
        "permalink": "https://example.test/r/1",
        "created_at": 1756717200,
        "updated_at": 1756717200,
        "person_properties": {"Plan": "Gold"},
        "notes": [],
        "tags": [],
    },
    {"id": "5002", "person": "p-2", "survey_type": "csat", "score": 4, "created_at": 1756717260},
    {"id": "5003", "person": "p-3", "survey_type": "nps", "score": 0, "created_at": 1756717320},
]

LIMESURVEY = """\
id;submitdate;lastpage;startlanguage;seed;startdate;datestamp;NPS;WHY
1;2026-09-01 10:00:00;3;en;1;2026-09-01 09:58:00;2026-09-01 10:00:00;9;"Fine; really"
2;;1;en;2;2026-09-01 09:58:00;2026-09-01 09:59:00;3;
"""

GOOGLE_FORMS = """\
Timestamp,Email Address,How likely are you to recommend us?,Why?
30/09/2026 10:00:00,a@example.test,9,All good as far as I can tell
01/10/2026 10:00:00,b@example.test,2,
"""

GENESYS = """\
Full Export Completed,Partial Result Timestamp,Filters,Users,Date,Initial Direction,First Queue,\
Media Type,Queue,Total Queue,Total Hold,Total Handle,Abandoned,Conversation ID
YES,,,Agent A;Agent B,2026-09-30 10:00,Inbound,Billing,voice,Billing;Claims,42000,60000,360000,NO,k-1
YES,,,,2026-09-30 11:00,Inbound,Claims,voice,Claims,90000,,,YES,k-2
"""  # noqa: E501 - a row of an export is one line


def write_workbook(path: Path, text: str, *, above: int = 0) -> None:
    """Write the rows of a CSV as a workbook, dates as dates."""
    rows = [line.split(",") for line in text.strip().split("\n")]
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("About").write(0, 0, "Made by hand")
        sheet = book.add_worksheet("Answers")
        dated = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for down, row in enumerate(rows):
            for across, cell in enumerate(row):
                try:
                    at = datetime.strptime(cell, "%Y-%m-%d %H:%M:%S")
                except ValueError:
                    sheet.write(down + above, across, int(cell) if cell.isdigit() else cell)
                else:
                    sheet.write_datetime(down + above, across, at, dated)
