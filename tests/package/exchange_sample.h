/* A delivery in the GB/T 33870 form of an invented person, for tests that change one thing of it. */
#pragma once

#include <glib.h>

#define SAMPLE_DELIVERY "赵测试606129196201204759"

/* The XML of the form: 一-1 with one page, 4-1-1 with two, 9-1-1 with one. */
extern const char sample_exchange_xml[];

/* Makes the delivery as a folder below `folder`; returns its path. The caller frees. */
char *sample_delivery(const char *folder);
/* Replaces the XML of a delivery. */
void sample_set_xml(const char *delivery, const char *xml, gssize size);
/* sample_exchange_xml with the first `from` replaced by `to`. The caller frees. */
char *sample_xml_with(const char *from, const char *to);
/* Path of an image: set "原始图像数据" or "优化图像数据". The caller frees. */
char *sample_image(const char *delivery, const char *set, const char *name);
/* Writes an image (a text, not a picture). */
void sample_put_image(const char *delivery, const char *set, const char *name);
