#include <dangan/inspect.h>

#include <dangan/upright.h>
#include <math.h>
#include <time.h>

#define DEFAULT_DPI 300
/* The vote looks at a few lines; 150 dpi tell forms apart as well as 300 do. Where it is close (a page of handwriting), votes
 * at 300 dpi, which cost five times as much, are added. */
#define VOTE_DPI 150
#define SECOND_VOTE_DPI 300
#define CLEAR_MARGIN 0.3
/* Lines run along rows or columns so clearly that the other direction needs no vote; between them all four turns vote. */
#define CLEAR_RATIO 1.3

static Pix *reduce_and_level(Pix *pix, guint dpi, guint vote_dpi, double skew_cw_deg)
{
    float scale = (float)vote_dpi / (float)dpi;
    g_autoptr(Pix) small = scale < 0.95f ? pixScaleAreaMap(pix, scale, scale) : pixClone(pix);
    DaUpright level = {.turn_cw_deg = 0, .skew_cw_deg = skew_cw_deg};
    return small ? da_upright_apply(small, &level, NULL) : NULL;
}

static double score_of_turn(Pix *level, guint dpi, int turn_cw_deg, DaRecognizer *recognizer)
{
    DaUpright upright = {.turn_cw_deg = turn_cw_deg, .skew_cw_deg = NAN};
    g_autoptr(Pix) turned = da_upright_apply(level, &upright, NULL);
    return turned ? da_recognizer_upright_score(recognizer, turned, dpi) : 0;
}

static gboolean is_candidate(int turn_cw_deg, double line_ratio)
{
    gboolean across = turn_cw_deg % 180 != 0;
    return across ? line_ratio < CLEAR_RATIO : line_ratio > 1 / CLEAR_RATIO;
}

/* Adds to the score of each turn that the direction of lines leaves open. */
static void add_votes(Pix *pix, guint dpi, guint vote_dpi, DaRecognizer *recognizer,
                      const DaMeasure *measure, double scores[4])
{
    guint level_dpi = MIN(dpi, vote_dpi);
    g_autoptr(Pix) level = reduce_and_level(pix, dpi, level_dpi, measure->skew_cw_deg);
    for (int i = 0; level != NULL && i < 4; i++)
        if (is_candidate(i * 90, measure->line_ratio))
            scores[i] += score_of_turn(level, level_dpi, i * 90, recognizer);
}

static void decide(const double scores[4], DaInspection *inspection)
{
    double best = 0, second = 0;
    inspection->turn_cw_deg = inspection->measure.line_ratio < 1 ? 90 : 0;
    for (int i = 0; i < 4; i++) {
        if (scores[i] > best) {
            second = best;
            best = scores[i];
            inspection->turn_cw_deg = i * 90;
        } else {
            second = MAX(second, scores[i]);
        }
    }
    inspection->turn_confidence = best > 0 ? (best - second) / (best + second) : 0;
}

static void vote(Pix *pix, guint dpi, DaRecognizer *recognizer, DaInspection *inspection)
{
    double scores[4] = {0};
    add_votes(pix, dpi, VOTE_DPI, recognizer, &inspection->measure, scores);
    decide(scores, inspection);
    if (inspection->turn_confidence >= CLEAR_MARGIN)
        return;
    add_votes(pix, dpi, SECOND_VOTE_DPI, recognizer, &inspection->measure, scores);
    decide(scores, inspection);
}

gboolean da_inspect_page(Pix *pix, guint dpi, DaRecognizer *recognizer, DaInspection *inspection,
                         GError **error)
{
    guint known_dpi = dpi ? dpi : DEFAULT_DPI;
    if (!da_measure_page(pix, known_dpi, &inspection->measure, error))
        return FALSE;
    inspection->turn_cw_deg = 0;
    inspection->turn_confidence = NAN;
    inspection->vote_ms = 0;
    if (inspection->measure.blank)
        return TRUE;
    if (recognizer == NULL) {
        inspection->turn_cw_deg = inspection->measure.line_ratio < 1 ? 90 : 0;
        return TRUE;
    }
    clock_t begun = clock();
    vote(pix, known_dpi, recognizer, inspection);
    inspection->vote_ms = (double)(clock() - begun) * 1000.0 / CLOCKS_PER_SEC;
    return TRUE;
}
