/* SPDX-License-Identifier: Apache-2.0 */
/* Mail by a real SMTP server, through libcurl. What the server says is kept as its number
 * only: its sentence may quote an address. */
#include "notification/channels_inside.h"

#include <string.h>
#include <sysexits.h>
#include <time.h>

static size_t upload (char *to, size_t size, size_t count, void *arg)
{
    struct sending *sending = arg;
    size_t rest = sending->upload.size - sending->uploaded;
    size_t n = size * count < rest ? size * count : rest;

    if (n > 0)
        memcpy (to, sending->upload.data + sending->uploaded, n);
    sending->uploaded += n;
    return n;
}

static void login (CURL *curl, const struct channel_settings *settings)
{
    if (settings->smtp_user)
        curl_easy_setopt (curl, CURLOPT_USERNAME, settings->smtp_user);
    if (settings->smtp_password)
        curl_easy_setopt (curl, CURLOPT_PASSWORD, settings->smtp_password);
    /* a password never goes in clear; without one, TLS where the server offers it */
    curl_easy_setopt (curl, CURLOPT_USE_SSL,
                      (long) (settings->smtp_password ? CURLUSESSL_ALL : CURLUSESSL_TRY));
}

void channel_smtp_prepare (struct sending *sending,
                           const struct channel_settings *settings)
{
    int64_t now_ms = (int64_t) time (NULL) * 1000;

    if (!settings->smtp_url || !settings->smtp_from) {
        sending_end (sending, EX_CONFIG,
                     "notification/smtp/url and notification/smtp/from are not set");
        return;
    }
    sending->curl = curl_easy_init ();
    sending->list = curl_slist_append (NULL, sending->address);
    if (!sending->curl || !sending->list) {
        sending_end (sending, EX_TEMPFAIL, "no memory");
        return;
    }
    mail_write (settings, sending->address, sending->mark, sending->subject,
                sending->text, now_ms, &sending->upload);
    curl_easy_setopt (sending->curl, CURLOPT_URL, settings->smtp_url);
    curl_easy_setopt (sending->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt (sending->curl, CURLOPT_MAIL_FROM, settings->smtp_from);
    curl_easy_setopt (sending->curl, CURLOPT_MAIL_RCPT, sending->list);
    curl_easy_setopt (sending->curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt (sending->curl, CURLOPT_READFUNCTION, upload);
    curl_easy_setopt (sending->curl, CURLOPT_READDATA, sending);
    curl_easy_setopt (sending->curl, CURLOPT_TIMEOUT_MS,
                      (long) settings->smtp_timeout_ms);
    login (sending->curl, settings);
}

void channel_smtp_finish (struct sending *sending, CURLcode code)
{
    long response = 0;

    curl_easy_getinfo (sending->curl, CURLINFO_RESPONSE_CODE, &response);
    if (code == CURLE_OK)
        sending_end (sending, EX_OK, "smtp %ld", response);
    else if (response >= 500 && code != CURLE_LOGIN_DENIED)
        sending_end (sending, EX_UNAVAILABLE, "smtp %ld", response);
    else if (response >= 400)
        sending_end (sending, EX_TEMPFAIL, "smtp %ld", response);
    else if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        sending_end (sending, EX_CONFIG, "%s", curl_easy_strerror (code));
    else
        sending_end (sending, EX_TEMPFAIL, "%s", curl_easy_strerror (code));
}
