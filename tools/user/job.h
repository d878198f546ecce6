/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changing the users of a tunnel: the server's file, the running device and
 * the files for the users' devices, all three or none.
 *
 * The files of users stand beside the server's, in NAME.users/USER.conf.
 */
#ifndef _WGCTL_USER_JOB_H
#define _WGCTL_USER_JOB_H

#include "lib/fault.h"
#include "quick/plan.h"
#include "quick/setup.h"
#include "user/qr.h"
#include "user/user.h"

/* What is asked for of a new user; NULL: by the server's file, or a default. */
struct user_request {
	const char *name;
	const char *address;
	const char *endpoint;
	const char *allowed_ips;
	const char *dns;
	const char *keepalive;
	const char *mtu;
	const char *until;
	bool is_full; /* all traffic goes through the tunnel */
};

/* Holds keys: ended by user_job_end() only. */
struct user_job {
	struct setup *setup; /* of the server; each peer once */
	struct tunnel *sections; /* of the file: only keys and names */
	struct tunnel *now; /* the device; NULL: not up */
	struct conf *edited; /* the server's file as it will be */
	struct plan plan;
	struct peer *peer; /* borrowed from one of the others */
	struct tunnel *change; /* for the device */
	struct tunnel *back;
	char *client_path; /* of the user's file */
	char *client_text; /* its content; secret */
	struct user_client client; /* a new user's device */
	struct qr qr; /* of @client_text, where a picture of it is wanted */
	const char *png; /* borrowed: the file for that; NULL: none */
	struct strv settings; /* owns what @client points at */
	struct strv removed; /* files of users who go */
	int lock;
	struct fault *fault; /* the caller's */
};

/**
 * user_job_begin() - read what there is
 * @job: its fault is set; filled, for user_job_end(), also after a failure
 * @tunnel: word for a tunnel; NULL: the only one that there is
 * @out: where the steps are printed
 * @changes: not only to show it: waits for those who are changing it now
 *
 * Return: 0 or a negative errno with the job's fault filled.
 */
int user_job_begin(struct user_job *job, const char *tunnel, struct out *out,
		   bool changes);

void user_job_end(struct user_job *job);

/* the running device's view of a user, or NULL */
const struct peer *user_job_running(const struct user_job *job,
				    const struct peer *peer);

/* plan a new user */
int user_plan_add(struct user_job *job, const struct user_request *request);

/* plan the picture of a new user's configuration, if one is wanted */
void user_plan_picture(struct user_job *job);

/* plan to take users away */
int user_plan_del(struct user_job *job, char *const *names, size_t count);

/*
 * plan to switch users off or on; @until is their end from then on, NULL: as it
 * was
 */
int user_plan_switch(struct user_job *job, char *const *names, size_t count,
		     bool is_disabled, const char *until);

/* fill in what a new user's device is to be told; see settings.c */
int user_settings(struct user_job *job, const struct user_request *request);

/* read the file of a user */
int user_load(struct user_job *job, const char *name);

/* what the plans above are made of; see ops.c */
extern const struct op user_op_write_client;
extern const struct op user_op_write_picture;
extern const struct op user_op_delete_clients;
extern const struct op user_op_replace_server;

#endif
